using System.Numerics;
using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>The greatest or least elements along an axis, and where they are.</summary>
internal sealed class TopK : CpuLayer, ITopKLayer
{
    private const int Most = 3840;

    private TopKOperation operation;
    private int count;
    private uint axes;
    private DataType indices;

    private TopK(CpuNetwork network, CpuTensor input, TopKOperation operation, int count, uint axes, DataType indices)
        : base(network, 2, input)
    {
        this.operation = operation;
        this.count = count;
        this.axes = axes;
        this.indices = indices;
    }

    public override LayerType Type => LayerType.TopK;

    public TopKOperation Operation
    {
        get => Get(operation);
        set => Set(ref operation, value, value is TopKOperation.Max or TopKOperation.Min, "setOperation", "op is an enumerator of TopKOperation");
    }

    public int K
    {
        get => Get(InputAt(1) is null ? count : -1);
        set => Set(ref count, value, value is >= 0 and <= Most, "setK", $"k is 0 to {Most}");
    }

    public uint ReduceAxes
    {
        get => Get(axes);
        set => Set(ref axes, value, true, "setReduceAxes", string.Empty);
    }

    public DataType IndicesType
    {
        get => Get(indices);
        set
        {
            Network.ThrowIfDisposed();
            if (!Types.IsInteger(value))
            {
                throw Network.Journal.Failure("ITopKLayer::setIndicesType", Refusal.Argument("Parameter check failed, condition: type is kINT32 or kINT64."));
            }

            Set(ref indices, value, true, "setIndicesType", string.Empty);
        }
    }

    protected override string Tag => "TopK";

    protected override string Interface => "ITopKLayer";

    protected override int? InputLimit => 2;

    public static TopK Create(CpuNetwork network, ITensor input, TopKOperation operation, int count, uint axes, DataType indices)
    {
        CpuTensor own = network.Own(input);
        return operation is not (TopKOperation.Max or TopKOperation.Min) ? throw network.RefuseAdd("addTopK", $"op is an enumerator of TopKOperation, {(int)operation} is none")
            : count is < 0 or > Most ? throw network.RefuseAdd("addTopK", $"k is 0 to {Most}. It is {count}")
            : axes == 0 ? throw network.RefuseAdd("addTopK", "reduceAxes has a bit set")
            : !Types.IsInteger(indices) ? throw network.RefuseAdd("addTopK", "indicesType is kINT32 or kINT64")
            : new TopK(network, own, operation, count, axes, indices);
    }

    public override bool ReadsValues(int input) => input == 1;

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", Types.RealOrInteger);
        DimExpr[] dims = context.Dims(0);
        int axis = BitOperations.TrailingZeroCount(axes);
        if (BitOperations.PopCount(axes) != 1 || axis >= dims.Length)
        {
            throw Refusal.Api($"Error while computing output extent of node {Label}: reduceAxes 0x{axes:x} must name exactly one of the input's {dims.Length} dimensions.");
        }

        DimExpr wanted = DimExpr.Constant(count);
        if (context.Has(1))
        {
            wanted = context.ShapeValues(1, "k") is { Length: 1 } values
                ? values[0]
                : throw context.Refuse("k given as a tensor must be a scalar.");
        }

        if (Network.IsStronglyTyped)
        {
            context.AtLeastRank(0, 2);
        }

        if (wanted.IsConstant && dims[axis].IsConstant && wanted.Number > dims[axis].Number)
        {
            throw context.Refuse($"k is {wanted.Number} but dimension {axis} of the input has only {dims[axis].Number} elements.");
        }

        context.Require(ShapeRuleKind.AtLeast, dims[axis], wanted, $"dimension {axis} of the input has {{0}} elements, fewer than k, which is {{1}}.");
        DimExpr[] result = [.. dims];
        result[axis] = wanted;
        context.Set(0, result);
        context.Set(1, result);
    }

    public override void Lower(Lowering graph)
    {
        DimExpr[] dims = graph.Dims(0);
        if (Array.Exists(dims, dim => dim is { IsConstant: true, Number: 0 }))
        {
            graph.Set(0, graph.Expand(graph.Number(0, graph.Real(0).Type), graph.OutputDims(0)));
            graph.Set(1, graph.Expand(graph.Number(0, DataType.Int64), graph.OutputDims(1)));
            return;
        }

        OnnxValue x = graph.Real(0);
        x = x.Type == DataType.Int8 ? graph.Cast(x, DataType.Int32) : x;
        int axis = BitOperations.TrailingZeroCount(axes);
        int[] open = [.. Enumerable.Range(0, dims.Length).Where(d => d != axis && !dims[d].IsConstant)];
        if (open.Length > 0)
        {
            x = WithoutEmptyAxes(graph, x, dims, open);
        }

        OnnxValue ranked = x;
        if (x.Type == DataType.Float)
        {
            // NaN ranks behind everything; ONNX Runtime would put it first.
            OnnxValue last = graph.Number(operation == TopKOperation.Max ? double.NegativeInfinity : double.PositiveInfinity, x.Type);
            ranked = graph.Node("Where", x.Type, [graph.Node("IsNaN", DataType.Bool, [x]), last, x]);
        }

        (OnnxValue values, OnnxValue where) = graph.Pair("TopK", x.Type, DataType.Int64, [ranked, graph.Shape([graph.OutputDims(0)[axis]])],
            Attr.Int("axis", axis), Attr.Int("largest", operation == TopKOperation.Max ? 1 : 0), Attr.Int("sorted", 1));
        values = x.Type == DataType.Float ? graph.Node("GatherElements", x.Type, [x, where], Attr.Int("axis", axis)) : values;
        graph.Set(0, Cut(values));
        graph.Set(1, Cut(where));

        OnnxValue Cut(OnnxValue value) => open.Length == 0 ? value : graph.Node("Slice", value.Type,
            [value, graph.Integers(new long[open.Length]), graph.Shape([.. open.Select(d => dims[d])]), graph.Integers([.. open.Select(d => (long)d)])]);
    }

    /// <summary>ONNX Runtime's TopK divides by the number of rows, and a division by 0 ends the process: axes that a run finds empty get one element, which is cut off again.</summary>
    private static OnnxValue WithoutEmptyAxes(Lowering graph, OnnxValue x, DimExpr[] dims, int[] open)
    {
        DimExpr[] more = [.. dims.Select((dim, d) => open.Contains(d) ? DimExpr.IsLess(dim, DimExpr.One) : DimExpr.Zero)];
        return graph.Node("Pad", x.Type, [x, graph.Shape([.. dims.Select(_ => DimExpr.Zero), .. more]), graph.Number(0, x.Type)]);
    }

    protected override DataType OutputType(int output) => output == 0 ? Propagated(0) : indices;
}
