using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>A rectifier whose slope under 0 is a tensor.</summary>
internal sealed class ParametricRelu : CpuLayer, IParametricReLULayer
{
    private ParametricRelu(CpuNetwork network, CpuTensor input, CpuTensor slope)
        : base(network, 1, input, slope)
    {
    }

    public override LayerType Type => LayerType.ParametricRelu;

    protected override string Tag => "Parametric ReLU";

    protected override string Interface => "IParametricReLULayer";

    public static ParametricRelu Create(CpuNetwork network, ITensor input, ITensor slope) => new(network, network.Own(input), network.Own(slope));

    public override void Infer(Inference context)
    {
        context.CheckType(0, "first input", Types.Real);
        context.CheckType(1, "second input", Types.Real);
        if (!context.SameReal(0, 1))
        {
            throw context.Refuse($"input and slope must have the same type. They have {Types.Name(context.Type(0))} and {Types.Name(context.Type(1))}.");
        }

        DimExpr[] dims = context.Dims(0);
        context.RequireFits(context.Dims(1), dims, "slope");
        context.Set(0, dims);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Float(0);
        OnnxValue scaled = graph.Node("Mul", x.Type, [x, graph.Float(1)]);
        OnnxValue isNegative = graph.Node("Less", DataType.Bool, [x, graph.Number(0, x.Type)]);
        graph.Set(0, graph.Node("Where", x.Type, [isNegative, scaled, x]));
    }
}
