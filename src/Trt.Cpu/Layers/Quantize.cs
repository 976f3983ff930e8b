using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Real numbers divided by a scale, rounded to a narrow type.</summary>
internal sealed class Quantize : Quantization, IQuantizeLayer
{
    private Quantize(CpuNetwork network, CpuTensor input, CpuTensor scale, DataType? target)
        : base(network, input, scale, target)
    {
    }

    public override LayerType Type => LayerType.Quantize;

    protected override string Tag => "Quantize";

    protected override string Interface => "IQuantizeLayer";

    protected override DataType DefaultTarget => DataType.Int8;

    protected override DataType[] Targets => Quantized;

    public static Quantize Create(CpuNetwork network, ITensor input, ITensor scale, DataType? target)
    {
        (CpuTensor first, CpuTensor second) = (network.Own(input), network.Own(scale));
        CheckRanks(network, "addQuantize", first, second);
        return new Quantize(network, first, second, target);
    }

    public override void Lower(Lowering graph)
    {
        if (graph.OutputType(0) == ToType && OnnxScale(graph) is { } step)
        {
            graph.Set(0, graph.Node("QuantizeLinear", ToType, [graph.Cast(graph.Real(0), DataType.Float), step.Scale, graph.Zeros(ToType, step.Count)], step.Attributes));
            return;
        }

        OnnxValue scaled = graph.Node("Div", DataType.Float, [graph.Real(0), SpreadScale(graph)]);
        graph.Set(0, graph.Cast(Round(graph, scaled, ToType), graph.OutputType(0)));
    }

    protected override void CheckTypes(Inference context)
    {
        context.CheckType(0, "input", Types.Floating);
        context.CheckType(1, "scale", [.. Types.Floating, DataType.E8M0]);
    }
}
