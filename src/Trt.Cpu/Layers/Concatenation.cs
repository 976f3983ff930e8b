using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Joins tensors along an axis.</summary>
internal sealed class Concatenation : CpuLayer, IConcatenationLayer
{
    private const int MostInputs = 10000;

    private int? axis;

    private Concatenation(CpuNetwork network, CpuTensor[] inputs)
        : base(network, 1, inputs)
    {
    }

    public override LayerType Type => LayerType.Concatenation;

    public int Axis
    {
        get => Get(axis ?? DefaultAxis(RequiredInput(0).Dimensions.NbDims));
        set => Set(ref axis, value, value is >= 0 and < Dims.MaxDims, "setAxis", "axis >= 0 && axis < Dims::MAX_DIMS");
    }

    protected override string Tag => "Concatenation";

    protected override string Interface => "IConcatenationLayer";

    public static Concatenation Create(CpuNetwork network, ReadOnlySpan<ITensor> inputs)
    {
        network.ThrowIfDisposed();
        if (inputs.Length is 0 or > MostInputs)
        {
            throw network.RefuseAdd("addConcatenation", $"nbInputs is 1 to {MostInputs}. It is {inputs.Length}");
        }

        CpuTensor[] own = new CpuTensor[inputs.Length];
        for (int i = 0; i < own.Length; i++)
        {
            own[i] = network.Own(inputs[i]);
        }

        return new Concatenation(network, own);
    }

    public override void Infer(Inference context)
    {
        DimExpr[] result = [.. context.Dims(0)];
        int along = axis ?? DefaultAxis(result.Length);
        if (along >= result.Length)
        {
            throw Refusal.Api($"Error while computing output extent of node {Label}: axis {along} does not exist, the inputs have {result.Length} dimensions.");
        }

        for (int i = 1; i < Inputs.Count; i++)
        {
            DimExpr[] dims = context.Dims(i);
            if (context.Type(i) != context.Type(0) && (Network.IsStronglyTyped || !Types.IsFloating(context.Type(0)) || !Types.IsFloating(context.Type(i))))
            {
                throw context.Refuse($"all inputs must have the same type. Input 0 is {Types.Name(context.Type(0))}, input {i} {Types.Name(context.Type(i))}.");
            }

            if (dims.Length != result.Length)
            {
                throw context.Refuse($"all inputs must have the same number of dimensions. Input 0 has {result.Length}, input {i} {dims.Length}.");
            }

            for (int d = 0; d < dims.Length; d++)
            {
                if (d == along)
                {
                    result[d] += dims[d];
                    continue;
                }

                if (dims[d].IsConstant && result[d].IsConstant && !dims[d].Equals(result[d]))
                {
                    throw new Refusal(ErrorCode.InvalidConfig, Refusal.InternalError, $"{Label}: all dimensions but axis {along} must match. Dimension {d} is {result[d]} in input 0 and {dims[d]} in input {i}.");
                }

                context.Require(ShapeRuleKind.Equal, result[d], dims[d], $"all dimensions but axis {along} must match. Dimension {d} is {{0}} in input 0 and {{1}} in input {i}.");
                result[d] = result[d].IsConstant ? result[d] : dims[d].IsConstant ? dims[d] : result[d];
            }
        }

        int[] all = [.. Enumerable.Range(0, Inputs.Count)];
        DimExpr[]? values = Array.TrueForAll(all, i => context.Values(i) is not null) ? Values(context, result, along, i => context.Values(i)!) : null;
        context.Set(0, result, values, Reals(context, result, along, all));
    }

    private static SmallReals? Reals(Inference context, DimExpr[] result, int along, int[] inputs)
    {
        SmallReals? whole = context.Reals(0);
        foreach (int i in inputs)
        {
            whole = whole is not null && context.Reals(i) is { } part && SmallReals.Common(whole, part) is > 0 and long common ? new SmallReals([], common) : null;
        }

        return whole is not null && Values(context, result, along, i => context.Reals(i)!.Over(whole.Divisor)) is { } numerators ? whole with { Numerators = numerators } : null;
    }

    private static DimExpr[]? Values(Inference context, DimExpr[] result, int along, Func<int, DimExpr[]> values) => SmallTensor.Make(result, index =>
    {
        long at = index[along];
        int input = 0;
        while (at >= context.Dims(input)[along].Number)
        {
            at -= context.Dims(input++)[along].Number;
        }

        return SmallTensor.At(values(input), context.Dims(input), [.. index[..along], at, .. index[(along + 1)..]]);
    });

    public override void Lower(Lowering graph)
    {
        // ONNX Runtime joins no tensors of these types; as floats their numbers stay what they are.
        DataType type = graph.OutputType(0) is var told && told is DataType.FP8 or DataType.Int4 ? DataType.Float : told;
        OnnxValue[] operands = [.. Enumerable.Range(0, Inputs.Count).Select(i => graph.Cast(graph.Input(i), type))];
        graph.Set(0, graph.Node("Concat", type, operands, Attr.Int("axis", axis ?? DefaultAxis(graph.Dims(0).Length))));
    }

    /// <summary>The third axis from the end, or the first.</summary>
    private static int DefaultAxis(int rank) => Math.Max(rank - 3, 0);
}
