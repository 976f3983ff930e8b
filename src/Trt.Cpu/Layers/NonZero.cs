using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Where a tensor's elements are not 0: an index a row of the tensor's rank, in columns, in row-major order.</summary>
internal sealed class NonZero : CpuLayer, INonZeroLayer
{
    private DataType indices;

    private NonZero(CpuNetwork network, CpuTensor input, DataType indices)
        : base(network, 1, input) => this.indices = indices;

    public override LayerType Type => LayerType.NonZero;

    public DataType IndicesType
    {
        get => Get(indices);
        set
        {
            Network.ThrowIfDisposed();
            if (!Types.IsInteger(value))
            {
                throw Network.Journal.Failure("INonZeroLayer::setIndicesType", Refusal.Argument("Parameter check failed, condition: type is kINT32 or kINT64."));
            }

            Set(ref indices, value, true, "setIndicesType", string.Empty);
        }
    }

    protected override string Tag => "NonZero";

    protected override string Interface => "INonZeroLayer";

    public static NonZero Create(CpuNetwork network, ITensor input, DataType indices)
    {
        CpuTensor own = network.Own(input);
        return Types.IsInteger(indices) ? new NonZero(network, own, indices) : throw network.RefuseAdd("addNonZero", "indicesType is kINT32 or kINT64");
    }

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", [DataType.Float, DataType.Half, DataType.BF16, DataType.Int64, DataType.Int32, DataType.Bool]);
        DimExpr[] dims = context.Dims(0);
        context.Set(0, [DimExpr.Constant(dims.Length), context.Unknown(0, 1, DimExpr.Volume(dims))]);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Real(0);
        if (graph.Dims(0).Length > 0)
        {
            graph.Set(0, graph.Node("NonZero", DataType.Int64, [x]));
            return;
        }

        // A scalar has no index, but is 0 or not.
        OnnxValue row = graph.Node("NonZero", DataType.Int64, [graph.Node("Reshape", x.Type, [x, graph.Integers(1)])]);
        graph.Set(0, graph.Node("Slice", DataType.Int64, [row, graph.Integers(0), graph.Integers(0), graph.Integers(0)]));
    }

    protected override DataType OutputType(int output) => indices;
}
