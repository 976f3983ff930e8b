using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Numbers of a narrow type times a scale.</summary>
internal sealed class Dequantize : Quantization, IDequantizeLayer
{
    private Dequantize(CpuNetwork network, CpuTensor input, CpuTensor scale, DataType? target)
        : base(network, input, scale, target)
    {
    }

    public override LayerType Type => LayerType.Dequantize;

    protected override string Tag => "Dequantize";

    protected override string Interface => "IDequantizeLayer";

    protected override DataType DefaultTarget => DataType.Float;

    protected override DataType[] Targets => Types.Floating;

    public static Dequantize Create(CpuNetwork network, ITensor input, ITensor scale, DataType? target)
    {
        (CpuTensor first, CpuTensor second) = (network.Own(input), network.Own(scale));
        CheckRanks(network, "addDequantize", first, second);
        if (second.Dimensions.NbDims > 1 && first.Type is not (DataType.Int4 or DataType.FP4 or DataType.FP8 or DataType.Int8))
        {
            throw network.RefuseAdd("addDequantize", $"scales of blocks are for input of type FP8, FP4 or Int4. It is {Types.Name(first.Type)}");
        }

        return new Dequantize(network, first, second, target);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue input = graph.Input(0);
        graph.Set(0, Quantized.Contains(input.Type) && OnnxScale(graph) is { } step
            ? graph.Node("DequantizeLinear", DataType.Float, [input, step.Scale, graph.Zeros(input.Type, step.Count)], step.Attributes)
            : graph.Node("Mul", DataType.Float, [graph.Cast(input, DataType.Float), SpreadScale(graph)]));
    }

    protected override void CheckTypes(Inference context)
    {
        context.CheckType(0, "input", Network.IsStronglyTyped ? Quantized : [.. Quantized, DataType.Float]);
        context.CheckType(1, "scale", [.. Types.Floating, DataType.E8M0]);
    }
}
