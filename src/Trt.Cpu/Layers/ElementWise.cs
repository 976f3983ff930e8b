using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>A function of two tensors, element by element, with broadcasting of axes of length 1.</summary>
internal sealed class ElementWise : CpuLayer, IElementWiseLayer
{
    private static readonly string[] Names = ["SUM", "PROD", "MAX", "MIN", "SUB", "DIV", "POW", "FLOOR_DIV", "AND", "OR", "XOR", "EQUAL", "GREATER", "LESS"];

    private ElementWiseOperation operation;

    private ElementWise(CpuNetwork network, CpuTensor left, CpuTensor right, ElementWiseOperation operation)
        : base(network, 1, left, right) => this.operation = operation;

    public override LayerType Type => LayerType.Elementwise;

    public ElementWiseOperation Operation
    {
        get => Get(operation);
        set => Set(ref operation, value, IsDefined(value), "setOperation", "op is an enumerator of ElementWiseOperation");
    }

    protected override string Tag => "ElementWise";

    protected override string Interface => "IElementWiseLayer";

    private bool IsLogic => operation is ElementWiseOperation.And or ElementWiseOperation.Or or ElementWiseOperation.Xor;

    private bool IsComparison => operation is ElementWiseOperation.Equal or ElementWiseOperation.Greater or ElementWiseOperation.Less;

    public static ElementWise Create(CpuNetwork network, ITensor left, ITensor right, ElementWiseOperation operation)
    {
        CpuTensor first = network.Own(left);
        CpuTensor second = network.Own(right);
        if (!IsDefined(operation))
        {
            throw network.RefuseAdd("addElementWise", $"op is an enumerator of ElementWiseOperation, {(int)operation} is none");
        }

        (DataType one, DataType other) = (first.Type, second.Type);
        if (one != other)
        {
            network.Journal.Warning($"IElementWiseLayer with inputs {first} and {second}: the types differ, {Types.Name(one)} and {Types.Name(other)}.");
        }

        return new ElementWise(network, first, second, operation);
    }

    public override void Infer(Inference context)
    {
        DimExpr[] left = context.Dims(0);
        DimExpr[] right = context.Dims(1);
        if (left.Length != right.Length)
        {
            throw Refusal.Internal($"mismatched inputs: {InputAt(0)} {Extents.Text(left)} and {InputAt(1)} {Extents.Text(right)} of {Label} must have the same number of dimensions.");
        }

        DimExpr[] result = context.Broadcast(left, right);
        (DataType one, DataType other) = (context.Type(0), context.Type(1));
        bool mixed = !Network.IsStronglyTyped && Types.IsFloating(one) && Types.IsFloating(other);
        if (one != other && !mixed)
        {
            throw context.Refuse($"ElementWiseOperation {Names[(int)operation]} must have inputs of the same type. They are {Types.Name(one)} and {Types.Name(other)}.");
        }

        context.CheckType(0, "first input", IsLogic ? [DataType.Bool] : operation == ElementWiseOperation.Equal
            ? [.. Types.RealOrInteger, DataType.Bool, DataType.UInt8]
            : Types.RealOrInteger);
        DimExpr[]? Combined(DimExpr[] first, DimExpr[] second, Func<DimExpr, DimExpr, DimExpr?> combine) =>
            SmallTensor.Make(result, index => combine(SmallTensor.At(first, left, index)!, SmallTensor.At(second, right, index)!));
        DimExpr[]? values = context.Values(0) is { } first && context.Values(1) is { } second ? Combined(first, second, Value) : null;
        SmallReals? reals = context.Reals(0) is { } real && context.Reals(1) is { } otherReal ? SmallReals.Combine(operation, real, otherReal, Combined) : null;
        context.Set(0, result, values, reals);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue left = Operand(graph, 0);
        OnnxValue right = graph.Cast(Operand(graph, 1), left.Type);
        DataType type = left.Type;
        OnnxValue Node(string name, OnnxValue a, OnnxValue b) => graph.Node(name, type, [a, b]);
        OnnxValue Bool(string name, OnnxValue a, OnnxValue b) => graph.Node(name, DataType.Bool, [a, b]);

        // The second operand unless the first one compares so: what hardware gives where one is NaN.
        OnnxValue Select(string comparison) => graph.Node("Where", type, [Bool(comparison, left, right), left, right]);
        bool small = type is DataType.Int8 or DataType.UInt8;
        if (small)
        {
            type = DataType.Int32;
            (left, right) = (graph.Cast(left, type), graph.Cast(right, type));
        }

        graph.Set(0, operation switch
        {
            ElementWiseOperation.Sum => Node("Add", left, right),
            ElementWiseOperation.Prod => Node("Mul", left, right),
            ElementWiseOperation.Max => type == DataType.Float ? Select("Greater") : Node("Max", left, right),
            ElementWiseOperation.Min => type == DataType.Float ? Select("Less") : Node("Min", left, right),
            ElementWiseOperation.Sub => Node("Sub", left, right),
            ElementWiseOperation.Div => type == DataType.Float ? Node("Div", left, right) : IntegerQuotient(graph, left, right),
            ElementWiseOperation.Pow => Node("Pow", left, right),
            ElementWiseOperation.FloorDiv => type == DataType.Float ? graph.Node("Floor", type, [Node("Div", left, right)]) : Floor(graph, left, right),
            ElementWiseOperation.And => Bool("And", left, right),
            ElementWiseOperation.Or => Bool("Or", left, right),
            ElementWiseOperation.Xor => Bool("Xor", left, right),
            ElementWiseOperation.Equal => Bool("Equal", left, right),
            ElementWiseOperation.Greater => Bool("Greater", left, right),
            _ => Bool("Less", left, right),
        });
    }

    protected override DataType OutputType(int output) => IsLogic || IsComparison ? DataType.Bool : Propagated(0);

    private static bool IsDefined(ElementWiseOperation operation) => operation is >= ElementWiseOperation.Sum and <= ElementWiseOperation.Less;

    /// <summary>Integer division that a divisor of 0, or of −1 under the least integer, does not stop: processors trap on those.</summary>
    /// <summary>Constants are given without their leading axes of length 1: ONNX Runtime's fusions look for scalars and vectors.</summary>
    private OnnxValue Operand(Lowering graph, int input)
    {
        OnnxValue value = graph.Real(input);
        if (!IsConstant(InputAt(input)!) || IsConstant(InputAt(1 - input)!))
        {
            return value;
        }

        int leading = graph.Dims(input).TakeWhile(dim => dim is { IsConstant: true, Number: 1 }).Count();
        return leading == 0 ? value : graph.Node("Squeeze", value.Type, [value, graph.Integers([.. Enumerable.Range(0, leading).Select(axis => (long)axis)])]);
    }

    private static bool IsConstant(CpuTensor tensor) => tensor.Producer is Constant or Shuffle { Inputs: [{ Producer: Constant }] };

    private static OnnxValue IntegerQuotient(Lowering graph, OnnxValue left, OnnxValue right)
    {
        DataType type = left.Type;
        OnnxValue zero = graph.Number(0, type);
        OnnxValue minus = graph.Number(-1, type);
        OnnxValue isZero = graph.Node("Equal", DataType.Bool, [right, zero]);
        OnnxValue isMinus = graph.Node("Equal", DataType.Bool, [right, minus]);
        OnnxValue special = graph.Node("Or", DataType.Bool, [isZero, isMinus]);
        OnnxValue safe = graph.Node("Where", type, [special, graph.Number(1, type), right]);
        OnnxValue quotient = graph.Node("Div", type, [left, safe]);
        OnnxValue negated = graph.Node("Where", type, [isMinus, graph.Node("Sub", type, [zero, left]), quotient]);
        return graph.Node("Where", type, [isZero, minus, negated]);
    }

    private static OnnxValue Floor(Lowering graph, OnnxValue left, OnnxValue right)
    {
        DataType type = left.Type;
        OnnxValue quotient = IntegerQuotient(graph, left, right);
        OnnxValue rest = graph.Node("Sub", type, [left, graph.Node("Mul", type, [quotient, right])]);
        OnnxValue zero = graph.Number(0, type);
        OnnxValue isInexact = graph.Node("Not", DataType.Bool, [graph.Node("Equal", DataType.Bool, [rest, zero])]);
        OnnxValue signsDiffer = graph.Node("Xor", DataType.Bool, [graph.Node("Less", DataType.Bool, [left, zero]), graph.Node("Less", DataType.Bool, [right, zero])]);
        OnnxValue isDown = graph.Node("And", DataType.Bool, [isInexact, signsDiffer]);
        return graph.Node("Sub", type, [quotient, graph.Cast(isDown, type)]);
    }

    private DimExpr? Value(DimExpr a, DimExpr b)
    {
        bool divides = !b.IsConstant || b.Number != 0;
        return operation switch
        {
            ElementWiseOperation.Sum => a + b,
            ElementWiseOperation.Prod => a * b,
            ElementWiseOperation.Max => DimExpr.Max(a, b),
            ElementWiseOperation.Min => DimExpr.Min(a, b),
            ElementWiseOperation.Sub => a - b,
            ElementWiseOperation.Div when divides => DimExpr.TruncDiv(a, b),
            ElementWiseOperation.FloorDiv when divides => DimExpr.FloorDiv(a, b),
            ElementWiseOperation.And => a * b,
            ElementWiseOperation.Or => DimExpr.Max(a, b),
            ElementWiseOperation.Xor => a + b - (a * b * 2),
            ElementWiseOperation.Equal => DimExpr.AreEqual(a, b),
            ElementWiseOperation.Greater => DimExpr.IsLess(b, a),
            ElementWiseOperation.Less => DimExpr.IsLess(a, b),
            _ => null,
        };
    }
}
