using System.Numerics;
using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Combines the elements along some axes.</summary>
internal sealed class Reduce : CpuLayer, IReduceLayer
{
    private ReduceOperation operation;
    private uint axes;
    private bool keep;

    private Reduce(CpuNetwork network, CpuTensor input, ReduceOperation operation, uint axes, bool keep)
        : base(network, 1, input)
    {
        this.operation = operation;
        this.axes = axes;
        this.keep = keep;
    }

    public override LayerType Type => LayerType.Reduce;

    public ReduceOperation Operation
    {
        get => Get(operation);
        set => Set(ref operation, value, IsDefined(value), "setOperation", "op is an enumerator of ReduceOperation");
    }

    public uint ReduceAxes
    {
        get => Get(axes);
        set => Set(ref axes, value, true, "setReduceAxes", string.Empty);
    }

    public bool KeepDimensions
    {
        get => Get(keep);
        set => Set(ref keep, value, true, "setKeepDimensions", string.Empty);
    }

    protected override string Tag => "Reduce";

    protected override string Interface => "IReduceLayer";

    public static Reduce Create(CpuNetwork network, ITensor input, ReduceOperation operation, uint axes, bool keep)
    {
        CpuTensor own = network.Own(input);
        return IsDefined(operation)
            ? new Reduce(network, own, operation, axes, keep)
            : throw network.RefuseAdd("addReduce", $"operation is one of SUM, PROD, MAX, MIN, AVG; {(int)operation} is none");
    }

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", Types.RealOrInteger);
        DimExpr[] dims = context.Dims(0);
        if ((axes & ((1u << Dims.MaxDims) - 1)) == 0)
        {
            throw context.Refuse("there are no dimensions to be reduced", ErrorCode.InvalidArgument);
        }

        int greatest = 31 - BitOperations.LeadingZeroCount(axes);
        if (greatest >= dims.Length)
        {
            throw context.Refuse($"reduction dimension {greatest} in reduceAxes does not exist; the input has {dims.Length} dimensions.");
        }

        List<DimExpr> result = [];
        for (int axis = 0; axis < dims.Length; axis++)
        {
            if ((axes & (1u << axis)) == 0)
            {
                result.Add(dims[axis]);
            }
            else if (keep)
            {
                result.Add(DimExpr.One);
            }
        }

        context.Set(0, [.. result], context.Values(0) is { Length: > 0 } values ? Values(values, dims, [.. result]) : null);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Real(0);
        x = x.Type == DataType.Int8 ? graph.Cast(x, DataType.Int32) : x;
        OnnxValue list = graph.Integers([.. Enumerable.Range(0, graph.Dims(0).Length).Where(axis => (axes & (1u << axis)) != 0).Select(axis => (long)axis)]);
        bool integerAverage = operation == ReduceOperation.Avg && Types.IsInteger(x.Type);
        string name = operation switch
        {
            ReduceOperation.Sum => "ReduceSum",
            ReduceOperation.Prod => "ReduceProd",
            ReduceOperation.Max => "ReduceMax",
            ReduceOperation.Min => "ReduceMin",
            _ => integerAverage ? "ReduceSum" : "ReduceMean",
        };
        OnnxValue result = graph.Node(name, x.Type, [x, list], Attr.Int("keepdims", keep ? 1 : 0));
        if (integerAverage)
        {
            DimExpr count = DimExpr.Volume([.. graph.Dims(0).Where((_, axis) => (axes & (1u << axis)) != 0)]);
            OnnxValue divisor = graph.Node("Max", DataType.Int64, [graph.Number(count), graph.Integers(1)]);
            OnnxValue scalar = graph.Node("Squeeze", DataType.Int64, [divisor]);
            result = graph.Node("Div", x.Type, [result, graph.Cast(scalar, x.Type)]);
        }

        graph.Set(0, result);
    }

    private static bool IsDefined(ReduceOperation operation) => operation is >= ReduceOperation.Sum and <= ReduceOperation.Avg;

    private DimExpr[]? Values(DimExpr[] values, DimExpr[] dims, DimExpr[] result)
    {
        DimExpr?[] reduced = new DimExpr?[values.Length];
        DimExpr[] kept = [.. dims.Select((dim, axis) => (axes & (1u << axis)) == 0 ? dim : DimExpr.One)];
        int next = 0;
        bool known = SmallTensor.Make(dims, index =>
        {
            int place = 0;
            for (int axis = 0; axis < index.Length; axis++)
            {
                place = (place * (int)kept[axis].Number) + (kept[axis].Number == 1 ? 0 : (int)index[axis]);
            }

            DimExpr value = values[next++];
            reduced[place] = reduced[place] is { } before ? Combine(before, value) : value;
            return reduced[place];
        }) is not null;
        return known ? SmallTensor.Make(result, _ => DimExpr.Zero) is { } empty ? [.. reduced[..empty.Length].Select(value => value!)] : null : null;
    }

    private DimExpr? Combine(DimExpr one, DimExpr other) => operation switch
    {
        ReduceOperation.Sum => one + other,
        ReduceOperation.Prod => one * other,
        ReduceOperation.Max => DimExpr.Max(one, other),
        ReduceOperation.Min => DimExpr.Min(one, other),
        _ => null,
    };
}
