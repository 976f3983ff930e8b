using System.Numerics;
using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>(input − mean) / sqrt(variance + epsilon) · scale + bias, the mean being taken along some axes or over groups of channels.</summary>
internal sealed class Normalization : CpuLayer, INormalizationLayer
{
    private readonly bool isV2;
    private uint axes;
    private float epsilon = 1e-5f;
    private long groups = 1;
    private DataType computePrecision = DataType.Float;

    private Normalization(CpuNetwork network, CpuTensor input, CpuTensor scale, CpuTensor bias, uint axes, bool isV2)
        : base(network, 1, input, scale, bias)
    {
        this.axes = axes;
        this.isV2 = isV2;
    }

    public override LayerType Type => LayerType.Normalization;

    public float Epsilon
    {
        get => Get(epsilon);
        set => Set(ref epsilon, value, true, "setEpsilon", string.Empty);
    }

    public uint Axes
    {
        get => Get(axes);
        set => Set(ref axes, value, true, "setAxes", string.Empty);
    }

    public long NbGroups
    {
        get => Get(groups);
        set => Set(ref groups, value, value > 0, "setNbGroups", "nbGroups > 0");
    }

    public DataType ComputePrecision
    {
        get => Get(computePrecision);
        set => Set(ref computePrecision, value, value is DataType.Float or DataType.Half, "setComputePrecision", "type is kFLOAT or kHALF");
    }

    /// <summary>Whether scale and bias of a normalization in groups have an element for each channel, not for each group.</summary>
    public bool IsV2 => Get(isV2);

    protected override string Tag => isV2 ? "NormalizationV2" : "Normalization";

    protected override string Interface => "INormalizationLayer";

    public static Normalization Create(CpuNetwork network, ITensor input, ITensor scale, ITensor bias, uint axes, bool isV2) =>
        new(network, network.Own(input), network.Own(scale), network.Own(bias), axes, isV2);

    public override void Infer(Inference context)
    {
        string[] names = ["first input", "second input", "third input"];
        for (int i = 0; i < names.Length; i++)
        {
            context.CheckType(i, names[i], Types.Real);
            if (!context.SameReal(0, i))
            {
                throw context.Refuse($"input, scale and bias must have the same type. They have {Types.Name(context.Type(0))}, {Types.Name(context.Type(1))} and {Types.Name(context.Type(2))}.");
            }
        }

        DimExpr[] dims = context.Dims(0);
        if (axes == 0)
        {
            throw context.Refuse("axes names no dimension", ErrorCode.InvalidArgument);
        }

        int greatest = 31 - BitOperations.LeadingZeroCount(axes);
        if (greatest >= dims.Length)
        {
            throw context.Refuse($"dimension {greatest} in axes does not exist; the input has {dims.Length} dimensions.");
        }

        if (groups != 1)
        {
            CheckGroups(context, dims);
        }

        RequireFit(context, dims, 1, "scale");
        RequireFit(context, dims, 2, "bias");
        context.Set(0, dims);
    }

    public override void Validate(Inference context)
    {
        int rank = context.Dims(0).Length;
        if (context.Dims(1).Length != rank || context.Dims(2).Length != rank)
        {
            throw context.Refuse($"scale and bias must have as many dimensions as the input, {rank}. They have {context.Dims(1).Length} and {context.Dims(2).Length}.");
        }
    }

    public override void Lower(Lowering graph)
    {
        DimExpr[] dims = graph.Dims(0);
        (OnnxValue x, OnnxValue scale, OnnxValue bias) = (graph.Float(0), graph.Float(1), graph.Float(2));
        int first = BitOperations.TrailingZeroCount(axes);
        if (groups == 1 && axes >> first == (1u << (dims.Length - first)) - 1 && IsWhole(graph.Dims(1)) && IsWhole(graph.Dims(2)))
        {
            OnnxValue shape = graph.Shape(dims.AsSpan(first));
            graph.Set(0, graph.Node("LayerNormalization", x.Type,
                [x, graph.Node("Reshape", x.Type, [scale, shape]), graph.Node("Reshape", x.Type, [bias, shape])], Attr.Int("axis", first), Attr.Float("epsilon", epsilon)));
            return;
        }

        if (groups == 1)
        {
            graph.Set(0, Affine(Normalized(x, [.. Enumerable.Range(0, dims.Length).Where(axis => (axes & (1u << axis)) != 0).Select(axis => (long)axis)]), scale, bias));
            return;
        }

        DimExpr group = DimExpr.Constant(groups);
        OnnxValue grouped = graph.Node("Reshape", x.Type, [x, graph.Shape([dims[0], group, DimExpr.FloorDiv(dims[1], group), .. dims[2..]])]);
        OnnxValue result = Normalized(grouped, [.. Enumerable.Range(2, dims.Length - 1).Select(axis => (long)axis)]);
        OnnxValue Back(OnnxValue value) => graph.Node("Reshape", x.Type, [value, graph.Shape(dims)]);
        OnnxValue Spread(OnnxValue value) => graph.Node("Unsqueeze", x.Type, [value, graph.Integers(2)]);
        graph.Set(0, isV2 ? Affine(Back(result), scale, bias) : Back(Affine(result, Spread(scale), Spread(bias))));

        // One element for each that is normalized together, and the same for all that are not.
        bool IsWhole(DimExpr[] given) => given.Index().All(dim => dim.Index < first ? dim.Item is { IsConstant: true, Number: 1 } : dim.Item.Equals(dims[dim.Index]));

        OnnxValue Affine(OnnxValue value, OnnxValue by, OnnxValue plus) => graph.Node("Add", x.Type, [graph.Node("Mul", x.Type, [value, by]), plus]);

        OnnxValue Normalized(OnnxValue value, long[] along)
        {
            OnnxValue list = graph.Integers(along);
            OnnxValue centred = graph.Node("Sub", x.Type, [value, graph.Node("ReduceMean", x.Type, [value, list])]);
            OnnxValue variance = graph.Node("ReduceMean", x.Type, [graph.Node("Mul", x.Type, [centred, centred]), list]);
            OnnxValue deviation = graph.Node("Sqrt", x.Type, [graph.Node("Add", x.Type, [variance, graph.Number(epsilon, x.Type)])]);
            return graph.Node("Div", x.Type, [centred, deviation]);
        }
    }

    /// <summary>Scale and bias broadcast to the input, but have an element for each group, or each channel, where there are groups.</summary>
    private void RequireFit(Inference context, DimExpr[] dims, int input, string name)
    {
        DimExpr[] given = context.Dims(input);
        for (int axis = 0; axis < Math.Min(dims.Length, given.Length); axis++)
        {
            bool isChannel = axis == 1 && groups != 1;
            DimExpr wanted = isChannel && !isV2 ? DimExpr.Constant(groups) : dims[axis];
            bool isOne = given[axis] is { IsConstant: true, Number: 1 } && !isChannel;
            if (!isOne)
            {
                bool mayBeOne = !isChannel && !given[axis].IsConstant;
                context.RequireInBuild(mayBeOne ? ShapeRuleKind.Broadcast : ShapeRuleKind.Equal, given[axis], wanted, $"dimension {axis} of {name} is {{0}}, which does not go with {{1}}.");
            }
        }
    }

    private void CheckGroups(Inference context, DimExpr[] dims)
    {
        if (dims.Length < 2 || (dims[1].IsConstant && dims[1].Number % groups != 0))
        {
            throw context.Refuse($"{groups} groups must divide the channels of the input, which is {Extents.Text(dims)}.");
        }

        for (int axis = 0; axis < dims.Length; axis++)
        {
            if ((axes & (1u << axis)) != 0 != axis >= 2)
            {
                throw context.Refuse($"with {groups} groups axes must name all dimensions after the second and no other, but is 0x{axes:x}.");
            }
        }
    }
}
