using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Rotates pairs of elements of each head by angles that belong to places in the sequence.</summary>
internal sealed class RotaryEmbedding : CpuLayer, IRotaryEmbeddingLayer
{
    private bool interleaved;
    private int dimension;

    private RotaryEmbedding(CpuNetwork network, CpuTensor input, CpuTensor cosines, CpuTensor sines, bool interleaved, int dimension)
        : base(network, 1, input, cosines, sines)
    {
        this.interleaved = interleaved;
        this.dimension = dimension;
    }

    public override LayerType Type => LayerType.RotaryEmbedding;

    public bool Interleaved
    {
        get => Get(interleaved);
        set => Set(ref interleaved, value, true, "setInterleaved", string.Empty);
    }

    public int RotaryEmbeddingDim
    {
        get => Get(dimension);
        set
        {
            Network.ThrowIfDisposed();
            dimension = IsDimension(value) ? value
                : throw Network.Journal.Failure("IRotaryEmbeddingLayer::setRotaryEmbeddingDim", Refusal.Argument($"Parameter check failed, condition: {DimensionText(value)}."));
            Changed();
        }
    }

    protected override string Tag => "RotaryEmbedding";

    protected override string Interface => "IRotaryEmbeddingLayer";

    protected override int? InputLimit => 4;

    public static RotaryEmbedding Create(CpuNetwork network, ITensor input, ITensor cosines, ITensor sines, bool interleaved, int dimension)
    {
        const string method = "addRotaryEmbedding";
        CpuTensor own = network.Own(input);
        Dims dims = own.Dimensions;
        return dims.NbDims is >= 0 and not 4 ? throw network.RefuseAdd(method, $"input has 4 dimensions. It has {dims.NbDims}")
            : !IsDimension(dimension) ? throw network.RefuseAdd(method, $"(Unnamed Layer* {network.NbLayers}) [RotaryEmbedding]: {DimensionText(dimension)}")
            : dims.NbDims == 4 && dims[3] >= 0 && dimension > dims[3]
                ? throw network.RefuseAdd(method, $"(Unnamed Layer* {network.NbLayers}) [RotaryEmbedding]: rotaryEmbeddingDim is at most the head size {dims[3]}. It is {dimension}")
                : new RotaryEmbedding(network, own, network.Own(cosines), network.Own(sines), interleaved, dimension);
    }

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", Types.Floating);
        DimExpr[] dims = context.Dims(0);
        if (dims.Length != 4)
        {
            throw context.Refuse($"input must have 4 dimensions. It has {dims.Length}.", ErrorCode.InvalidArgument);
        }

        DimExpr half = dimension > 0 ? DimExpr.Constant(dimension / 2) : DimExpr.FloorDiv(dims[3], DimExpr.Constant(2));
        CheckCache(context, 1, "cosCache", half);
        CheckCache(context, 2, "sinCache", half);
        if (context.Has(3))
        {
            context.CheckType(3, "positionIds", [DataType.Int32, DataType.Int64]);
            Check(context, "positionIds", context.Dims(3), [dims[0], dims[2]]);
        }

        context.Set(0, dims);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Real(0);
        OnnxValue cosines = Angles(graph, 1);
        OnnxValue sines = Angles(graph, 2);
        DimExpr[] dims = graph.Dims(0);
        DimExpr turned = dimension > 0 ? DimExpr.Constant(dimension) : dims[3];
        DimExpr half = DimExpr.FloorDiv(turned, DimExpr.Constant(2));
        OnnxValue one = interleaved ? Part(DimExpr.Zero, turned, 2) : Part(DimExpr.Zero, half, 1);
        OnnxValue other = interleaved ? Part(DimExpr.One, turned, 2) : Part(half, turned, 1);
        OnnxValue Of(string operation, OnnxValue left, OnnxValue right) => graph.Node(operation, x.Type, [left, right]);
        OnnxValue first = Of("Sub", Of("Mul", one, cosines), Of("Mul", other, sines));
        OnnxValue second = Of("Add", Of("Mul", one, sines), Of("Mul", other, cosines));
        OnnxValue result;
        if (interleaved)
        {
            OnnxValue Column(OnnxValue value) => graph.Node("Unsqueeze", x.Type, [value, graph.Integers(-1)]);
            OnnxValue pairs = graph.Node("Concat", x.Type, [Column(first), Column(second)], Attr.Int("axis", -1));
            result = graph.Node("Reshape", x.Type, [pairs, graph.Shape([.. dims[..3], turned])]);
        }
        else
        {
            result = graph.Node("Concat", x.Type, [first, second], Attr.Int("axis", -1));
        }

        graph.Set(0, turned.Equals(dims[3]) ? result : graph.Node("Concat", x.Type, [result, Part(turned, dims[3], 1)], Attr.Int("axis", -1)));

        OnnxValue Part(DimExpr from, DimExpr to, long step) =>
            graph.Node("Slice", x.Type, [x, graph.Number(from), graph.Number(to), graph.Integers(3), graph.Integers(step)]);
    }

    private static bool IsDimension(int value) => value >= 0 && value % 2 == 0;

    private static string DimensionText(int value) => $"rotaryEmbeddingDim is even and not negative. It is {value}";

    /// <summary>Cosines or sines as batch × 1 × sequence × pairs.</summary>
    private static OnnxValue Angles(Lowering graph, int input)
    {
        OnnxValue cache = graph.Real(input);
        OnnxValue placed = graph.Has(3) ? graph.Node("Gather", cache.Type, [cache, graph.Input(3)], Attr.Int("axis", 0)) : cache;
        return graph.Node("Unsqueeze", cache.Type, [placed, graph.Integers(1)]);
    }

    private static void Check(Inference context, string name, DimExpr[] given, DimExpr[] wanted)
    {
        bool fits = given.Length == wanted.Length;
        for (int i = 0; fits && i < given.Length; i++)
        {
            fits = !given[i].IsConstant || !wanted[i].IsConstant || given[i].Equals(wanted[i]);
        }

        if (!fits)
        {
            throw context.Refuse($"{name} must have dimensions {Extents.Text(wanted)}. It has {Extents.Text(given)}.", ErrorCode.InvalidArgument);
        }

        for (int i = 0; i < given.Length; i++)
        {
            context.Require(ShapeRuleKind.Equal, given[i], wanted[i], $"dimension {i} of {name} is {{0}} but must be {{1}}.");
        }
    }

    private void CheckCache(Inference context, int input, string name, DimExpr half)
    {
        context.CheckType(input, name, Types.Floating);
        if (!context.SameReal(0, input))
        {
            throw context.Refuse($"{name} and input must have the same type. They have {Types.Name(context.Type(input))} and {Types.Name(context.Type(0))}.");
        }

        DimExpr[] dims = context.Dims(0);
        DimExpr[] given = context.Dims(input);
        Check(context, name, given, context.Has(3) ? [given.Length > 0 ? given[0] : DimExpr.One, half] : [dims[0], dims[2], half]);
    }
}
