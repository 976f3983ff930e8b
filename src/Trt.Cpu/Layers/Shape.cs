using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>The extents of a tensor, as a tensor.</summary>
internal sealed class Shape : CpuLayer, IShapeLayer
{
    private Shape(CpuNetwork network, CpuTensor input)
        : base(network, 1, input)
    {
    }

    public override LayerType Type => LayerType.Shape;

    protected override string Tag => "Shape";

    protected override string Interface => "IShapeLayer";

    public static Shape Create(CpuNetwork network, ITensor input) => new(network, network.Own(input));

    public override bool ReadsShapeOnly(int input) => true;

    public override void Infer(Inference context) => context.Set(0, [DimExpr.Constant(context.Dims(0).Length)], context.Dims(0));

    public override void Lower(Lowering graph) => graph.Set(0, graph.Node("Shape", DataType.Int64, [graph.Input(0)]));

    protected override DataType OutputType(int output) => DataType.Int64;
}
