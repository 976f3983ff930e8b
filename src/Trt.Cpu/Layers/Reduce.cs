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
        if (axes == 0)
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

        context.Set(0, [.. result], Values(context.Values(0), dims.Length));
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

    private DimExpr[]? Values(DimExpr[]? values, int rank) => values is not { Length: > 0 } || rank != 1 ? null : operation switch
    {
        ReduceOperation.Sum => [values.Aggregate((one, other) => one + other)],
        ReduceOperation.Prod => [DimExpr.Volume(values)],
        ReduceOperation.Max => [values.Aggregate(DimExpr.Max)],
        ReduceOperation.Min => [values.Aggregate(DimExpr.Min)],
        _ => null,
    };
}
