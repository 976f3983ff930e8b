using System.Numerics;
using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Softmax along one axis.</summary>
internal sealed class SoftMax : CpuLayer, ISoftMaxLayer
{
    private uint axes;

    private SoftMax(CpuNetwork network, CpuTensor input)
        : base(network, 1, input)
    {
    }

    public override LayerType Type => LayerType.Softmax;

    public uint Axes
    {
        get
        {
            Network.ThrowIfDisposed();
            return axes != 0 ? axes : 1u << DefaultAxis(RequiredInput(0).Dimensions.NbDims);
        }

        set => Set(ref axes, value, BitOperations.PopCount(value) == 1, "setAxes", "axes has exactly one bit");
    }

    protected override string Tag => "Softmax";

    protected override string Interface => "ISoftMaxLayer";

    public static SoftMax Create(CpuNetwork network, ITensor input) => new(network, network.Own(input));

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", Types.Real);
        DimExpr[] dims = context.Dims(0);
        int axis = Axis(dims.Length);
        if (axes == 0 || axis >= dims.Length || Network.IsStronglyTyped)
        {
            context.AtLeastRank(0, 2);
        }

        if (axis >= dims.Length)
        {
            throw context.Refuse($"softmax axis {axis} does not exist; the input has {dims.Length} dimensions.");
        }

        context.Set(0, dims);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Cast(graph.Real(0), DataType.Float);
        graph.Set(0, graph.Node("Softmax", x.Type, [x], Attr.Int("axis", Axis(graph.Dims(0).Length))));
    }

    /// <summary>The third axis from the end, or the first.</summary>
    private static int DefaultAxis(int rank) => Math.Max(rank - 3, 0);

    private int Axis(int rank) => axes != 0 ? BitOperations.TrailingZeroCount(axes) : DefaultAxis(rank);
}
