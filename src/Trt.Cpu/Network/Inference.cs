using Trt.Interop;

namespace Trt.Cpu;

/// <summary>What a layer sees of its inputs when its outputs are shaped, and where it puts what it finds.</summary>
internal sealed class Inference(CpuLayer layer)
{
    /// <summary>What must hold of extents in a run.</summary>
    public List<ShapeRule> Rules { get; } = [];

    /// <summary>The first thing that a build will refuse, although there are shapes.</summary>
    public Refusal? Objection { get; private set; }

    public bool Has(int input) => layer.InputAt(input) is not null;

    public DimExpr[] Dims(int input) => layer.RequiredInput(input).Facts!.Dims;

    public DimExpr[]? Values(int input) => layer.RequiredInput(input).Facts!.Values;

    /// <summary>The values of a tensor of floats, where they follow from shapes and constants.</summary>
    public SmallReals? Reals(int input) => layer.RequiredInput(input).Facts!.Reals;

    public DataType Type(int input) => layer.RequiredInput(input).InferredType;

    public void Set(int output, DimExpr[] dims, DimExpr[]? values = null, SmallReals? reals = null) =>
        layer.OutputAt(output).Facts = new TensorFacts(dims, Few(values), reals is { Numerators.Length: <= TensorFacts.MostValues } ? reals : null);

    /// <summary>An extent of an output that the layer's computation decides.</summary>
    public DimExpr Unknown(int output, int axis, DimExpr? bound) => DimExpr.Unknown(layer.Index, output, axis, bound);

    /// <summary>A refusal of this layer.</summary>
    public Refusal Refuse(string text, ErrorCode code = ErrorCode.InvalidConfig) => new(code, Refusal.ApiUsage, $"{layer.Label}: {text}");

    /// <summary>Refuses types that are not among the given ones.</summary>
    public void CheckType(int input, string name, IReadOnlyCollection<DataType> allowed)
    {
        DataType type = Type(input);
        if (!allowed.Contains(type))
        {
            throw Refuse($"{name} has type {Types.Name(type)} but must have type {Types.List(allowed)}.");
        }
    }

    /// <summary>Whether two inputs have the same type; in weakly typed networks floats of different widths count as such.</summary>
    public bool SameReal(int one, int other) => Type(one) == Type(other)
        || (!layer.Network.IsStronglyTyped && Types.IsFloating(Type(one)) && Types.IsFloating(Type(other)));

    /// <summary>Demands that a tensor broadcasts to a shape without making it larger.</summary>
    public void RequireFits(ReadOnlySpan<DimExpr> small, ReadOnlySpan<DimExpr> large, string name)
    {
        bool fits = small.Length == large.Length;
        for (int i = 0; fits && i < small.Length; i++)
        {
            fits = !small[i].IsConstant || small[i].Number == 1 || !large[i].IsConstant || small[i].Equals(large[i]);
            Later(small[i], large[i], i);
        }

        if (!fits)
        {
            throw Refuse($"{name} must broadcast to the input's dimensions. They are {Extents.Text(small.ToArray())} and {Extents.Text(large.ToArray())}.");
        }

        void Later(DimExpr little, DimExpr big, int axis)
        {
            if (!little.IsConstant || !big.IsConstant)
            {
                Require(ShapeRuleKind.Broadcast, little, big, $"dimension {axis} of {name} is {{0}}, which does not broadcast to {{1}}.");
            }
        }
    }

    /// <summary>Refuses tensors with fewer axes.</summary>
    public DimExpr[] AtLeastRank(int input, int rank) => Dims(input) is { } dims && dims.Length >= rank
        ? dims
        : throw Refuse($"at least {rank} dimensions are required for input.", ErrorCode.InvalidArgument);

    /// <summary>The shape that two shapes of the same rank broadcast to.</summary>
    public DimExpr[] Broadcast(ReadOnlySpan<DimExpr> left, ReadOnlySpan<DimExpr> right)
    {
        DimExpr[] result = new DimExpr[left.Length];
        for (int i = 0; i < result.Length; i++)
        {
            Require(ShapeRuleKind.Broadcast, left[i], right[i], $"broadcast dimensions must be conformable. Axis {i} has {{0}} and {{1}}.");
            result[i] = DimExpr.Broadcast(left[i], right[i]);
        }

        return result;
    }

    /// <summary>Demands something of two numbers: at once where they are known, else in every run; what depends on data is left to ONNX Runtime's own checks.</summary>
    public void Require(ShapeRuleKind kind, DimExpr left, DimExpr right, string text)
    {
        if (left.HasUnknown || right.HasUnknown)
        {
            return;
        }

        if (left.IsConstant && right.IsConstant)
        {
            new ShapeRule(kind, left, right, text).Check(NoInputs.Instance);
        }
        else if (!left.Equals(right) && !(kind == ShapeRuleKind.Broadcast && (left is { IsConstant: true, Number: 1 } || right is { IsConstant: true, Number: 1 })))
        {
            Rules.Add(new ShapeRule(kind, left, right, $"{layer.Label}: {text}"));
        }
    }

    /// <summary>Says what a build refuses; until then the layer has shapes all the same.</summary>
    public void Object(Refusal refusal) => Objection ??= refusal;

    /// <summary>The elements of an input that decides shapes.</summary>
    /// <exception cref="Refusal">They are no integers, or only a run knows them.</exception>
    public DimExpr[] ShapeValues(int input, string name)
    {
        if (!Types.IsInteger(Type(input)))
        {
            CpuTensor tensor = layer.RequiredInput(input);
            throw tensor.Producer is null
                ? Refusal.Api($"Network input {tensor} is a shape tensor and must have type Int32 or Int64. Type is {Types.Name(Type(input))}.")
                : Refusal.Internal($"{name} decides shapes and must have type Int32 or Int64, not {Types.Name(Type(input))}");
        }

        return Values(input) ?? throw Refuse($"{name} (input {input}) is data that only a run computes; it must follow from shapes, constants or inputs with shape values.");
    }

    /// <summary>Demands something of two numbers that does not keep the outputs from being shaped; it is checked in builds and runs.</summary>
    public void RequireInBuild(ShapeRuleKind kind, DimExpr left, DimExpr right, string text)
    {
        if (left.IsConstant && right.IsConstant)
        {
            Rules.Add(new ShapeRule(kind, left, right, $"{layer.Label}: {text}"));
        }
        else
        {
            Require(kind, left, right, text);
        }
    }

    private static DimExpr[]? Few(DimExpr[]? values) => values is { Length: <= TensorFacts.MostValues } ? values : null;
}
