using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>A function of each element.</summary>
internal sealed class Unary : CpuLayer, IUnaryLayer
{
    private static readonly string[] Onnx =
    [
        "Exp", "Log", "Sqrt", "Reciprocal", "Abs", "Neg", "Sin", "Cos", "Tan", "Sinh", "Cosh", "Asin", "Acos", "Atan", "Asinh", "Acosh", "Atanh",
        "Ceil", "Floor", "Erf", "Not", "Sign", "Round", "IsInf", "IsNaN",
    ];

    private UnaryOperation operation;

    private Unary(CpuNetwork network, CpuTensor input, UnaryOperation operation)
        : base(network, 1, input) => this.operation = operation;

    public override LayerType Type => LayerType.Unary;

    public UnaryOperation Operation
    {
        get => Get(operation);
        set => Set(ref operation, value, IsDefined(value), "setOperation", "op is an enumerator of UnaryOperation");
    }

    protected override string Tag => "Unary";

    protected override string Interface => "IUnaryLayer";

    public static Unary Create(CpuNetwork network, ITensor input, UnaryOperation operation)
    {
        CpuTensor own = network.Own(input);
        return IsDefined(operation)
            ? new Unary(network, own, operation)
            : throw network.RefuseAdd("addUnary", $"operation is an enumerator of UnaryOperation, {(int)operation} is none");
    }

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", operation switch
        {
            UnaryOperation.Not => [DataType.Bool],
            UnaryOperation.Abs or UnaryOperation.Neg or UnaryOperation.Sign => Types.RealOrInteger,
            _ => Types.Real,
        });
        DimExpr[]? values = context.Values(0);
        context.Set(0, context.Dims(0), operation switch
        {
            UnaryOperation.Neg when values is not null => Array.ConvertAll(values, value => value * -1),
            UnaryOperation.Sign when values is not null => Array.ConvertAll(values, value => DimExpr.IsLess(DimExpr.Zero, value) - DimExpr.IsLess(value, DimExpr.Zero)),
            UnaryOperation.Abs when values is not null => Array.ConvertAll(values, value => DimExpr.Max(value, value * -1)),
            UnaryOperation.Not when values is not null => Array.ConvertAll(values, value => DimExpr.One - value),
            _ => null,
        }, operation switch
        {
            UnaryOperation.Floor => context.Reals(0)?.Floor(),
            UnaryOperation.Ceil => context.Reals(0)?.Ceiling(),
            _ => null,
        });
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Real(0);
        x = x.Type == DataType.Int8 ? graph.Cast(x, DataType.Float) : x;
        graph.Set(0, graph.Node(Onnx[(int)operation], OutputIsBool ? DataType.Bool : x.Type, [x]));
    }

    private bool OutputIsBool => operation is UnaryOperation.Isinf or UnaryOperation.Isnan;

    protected override DataType OutputType(int output) => OutputIsBool ? DataType.Bool : Propagated(0);

    private static bool IsDefined(UnaryOperation operation) => operation is >= UnaryOperation.Exp and <= UnaryOperation.Isnan;
}
