using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Converts to another element type.</summary>
internal sealed class Cast : CpuLayer, ICastLayer
{
    private DataType target;

    private Cast(CpuNetwork network, CpuTensor input, DataType target)
        : base(network, 1, input) => this.target = target;

    public override LayerType Type => LayerType.Cast;

    public DataType ToType
    {
        get => Get(target);
        set => Set(ref target, value, Types.IsKnown(value), "setToType", "toType is a type that the CPU runtime computes with");
    }

    protected override string Tag => "Cast";

    protected override string Interface => "ICastLayer";

    public static Cast Create(CpuNetwork network, ITensor input, DataType target)
    {
        CpuTensor own = network.Own(input);
        return Types.IsKnown(target)
            ? new Cast(network, own, target)
            : throw network.RefuseAdd("addCast", $"toType is a type that the CPU runtime computes with. It is {Types.Name(target)}");
    }

    public override void Infer(Inference context)
    {
        SmallReals? reals = context.Reals(0);
        DimExpr[]? values = reals is not null && Types.IsInteger(target) ? reals.ToIntegers() : Values(context.Values(0), context.Type(0));
        SmallReals? results = !Types.IsFloating(target) ? null : Types.IsInteger(context.Type(0)) && context.Values(0) is { } integers ? new SmallReals(integers, 1) : reals;
        context.Set(0, context.Dims(0), values, results);
    }

    public override void Lower(Lowering graph) => graph.Set(0, Convert(graph, graph.Input(0), target));

    /// <summary>Converts as hardware does: from real numbers towards 0, to the nearest number that the type has, NaN to 0.</summary>
    public static OnnxValue Convert(Lowering graph, OnnxValue value, DataType type)
    {
        if (!Types.IsFloating(value.Type) || Types.IsFloating(type) || type == DataType.Bool)
        {
            return graph.Cast(value, type);
        }

        OnnxValue x = graph.Widened(value);
        OnnxValue Real(double number) => graph.Number(number, DataType.Float);
        (double least, double greatest, double beyond) = type switch
        {
            DataType.Int8 => (-128.0, 127.0, 128.0),
            DataType.UInt8 => (0.0, 255.0, 256.0),
            DataType.Int32 => (-2147483648.0, 2147483647.0, 2147483648.0),
            _ => (-9223372036854775808.0, 9223372036854775807.0, 9223372036854775808.0),
        };
        OnnxValue number = graph.Node("Where", DataType.Float, [graph.Node("IsNaN", DataType.Bool, [x]), Real(0), x]);
        if (type is DataType.Int8 or DataType.UInt8)
        {
            return graph.Cast(graph.Node("Min", DataType.Float, [graph.Node("Max", DataType.Float, [number, Real(least)]), Real(greatest)]), type);
        }

        OnnxValue tooGreat = graph.Node("Not", DataType.Bool, [graph.Node("Less", DataType.Bool, [number, Real(beyond)])]);
        OnnxValue low = graph.Node("Max", DataType.Float, [number, Real(least)]);
        OnnxValue safe = graph.Node("Where", DataType.Float, [tooGreat, Real(0), low]);
        OnnxValue limit = type == DataType.Int64 ? graph.Node("Squeeze", type, [graph.Integers(long.MaxValue)]) : graph.Number(greatest, type);
        return graph.Node("Where", type, [tooGreat, limit, graph.Cast(safe, type)]);
    }

    private DimExpr[]? Values(DimExpr[]? values, DataType source) => values is null ? null
        : Types.IsInteger(target) ? values
        : target != DataType.Bool ? null
        : source == DataType.Bool ? values : Array.ConvertAll(values, value => DimExpr.One - DimExpr.AreEqual(value, DimExpr.Zero));

    protected override DataType OutputType(int output) => target;
}
