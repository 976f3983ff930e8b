using System.Numerics;
using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Scales axes up or down by choosing or interpolating elements.</summary>
internal sealed class Resize : CpuLayer, IResizeLayer
{
    private const int SizeInput = 1;

    private Dims? wanted;
    private float[]? scales;
    private InterpolationMode mode;
    private ResizeCoordinateTransformation? transformation;
    private ResizeSelector selector;
    private ResizeRoundMode rounding = ResizeRoundMode.Floor;
    private float coefficient = -0.75f;
    private bool excludeOutside;

    private Resize(CpuNetwork network, CpuTensor input)
        : base(network, 1, input)
    {
    }

    public override LayerType Type => LayerType.Resize;

    public Dims OutputDimensions
    {
        get
        {
            if (InputAt(SizeInput) is not null)
            {
                Network.Journal.BadParameter("IResizeLayer::getOutputDimensions", $"getNbInputs() <= 1. {Label} has its size from input 1");
            }

            return Get(InputAt(SizeInput) is not null || scales is not null ? Dims.Unknown : wanted ?? RequiredInput(0).Dimensions);
        }

        set
        {
            bool valid = InputAt(SizeInput) is null && value.NbDims >= 0;
            Set(ref wanted, value, valid, "setOutputDimensions", "the layer has no second input, and dimensions has 0 to 8 numbers");
            scales = valid ? null : scales;
        }
    }

    public InterpolationMode ResizeMode
    {
        get => Get(mode);
        set => Set(ref mode, value, value is >= InterpolationMode.Nearest and <= InterpolationMode.Cubic, "setResizeMode", "interpolationMode is an enumerator of InterpolationMode");
    }

    public ResizeCoordinateTransformation CoordinateTransformation
    {
        get => Get(transformation ?? ResizeCoordinateTransformation.Asymmetric);
        set => Set(ref transformation, value, value is >= ResizeCoordinateTransformation.AlignCorners and <= ResizeCoordinateTransformation.HalfPixel,
            "setCoordinateTransformation", "coordTransform is an enumerator of ResizeCoordinateTransformation");
    }

    public ResizeSelector SelectorForSinglePixel
    {
        get => Get(selector);
        set => Set(ref selector, value, value is ResizeSelector.Formula or ResizeSelector.Upper, "setSelectorForSinglePixel", "selector is an enumerator of ResizeSelector");
    }

    public ResizeRoundMode NearestRounding
    {
        get => Get(rounding);
        set => Set(ref rounding, value, value is >= ResizeRoundMode.HalfUp and <= ResizeRoundMode.Ceil, "setNearestRounding", "value is an enumerator of ResizeRoundMode");
    }

    public float CubicCoeff
    {
        get => Get(coefficient);
        set => Set(ref coefficient, value, true, "setCubicCoeff", string.Empty);
    }

    public bool ExcludeOutside
    {
        get => Get(excludeOutside);
        set => Set(ref excludeOutside, value, true, "setExcludeOutside", string.Empty);
    }

    /// <summary>What 8.x had before coordinate transformations; false is what linear interpolation does when none was chosen.</summary>
    public bool AlignCorners
    {
        get => CoordinateTransformation == ResizeCoordinateTransformation.AlignCorners;
        set
        {
            transformation = value ? ResizeCoordinateTransformation.AlignCorners : null;
            Changed();
        }
    }

    protected override string Tag => "Resize";

    protected override string Interface => "IResizeLayer";

    protected override int? InputLimit => 2;

    public static Resize Create(CpuNetwork network, ITensor input)
    {
        CpuTensor own = network.Own(input);
        return own.Dimensions.NbDims <= 0 ? throw network.RefuseAdd("addResize", $"input.getDimensions().nbDims > 0. It is {own.Dimensions.NbDims}") : new Resize(network, own);
    }

    public void SetScales(ReadOnlySpan<float> scales)
    {
        float[] copy = scales.ToArray();
        bool valid = InputAt(SizeInput) is null && copy.Length <= Dims.MaxDims;
        float[] before = this.scales ?? [];
        Set(ref before, copy, valid, "setScales", $"the layer has no second input, and nbScales is 0 to {Dims.MaxDims}. It is {copy.Length}");
        this.scales = valid ? copy : this.scales;
    }

    public float[] GetScales() => Get(InputAt(SizeInput) is null && scales is not null ? [.. scales] : Array.Empty<float>());

    public override bool ReadsValues(int input) => input == SizeInput;

    public override void Infer(Inference context)
    {
        context.CheckType(0, "first input", Types.Real);
        DimExpr[] dims = context.Dims(0);
        DimExpr[] result = Result(context, dims);
        int least = dims.Length - 3;
        for (int axis = 0; axis < Math.Min(dims.Length, result.Length); axis++)
        {
            context.RequireInBuild(ShapeRuleKind.AtLeast, dims[axis], DimExpr.Min(result[axis], DimExpr.One), $"axis {axis} has {{0}} elements and cannot be resized to more.");
            if (mode == InterpolationMode.Linear && axis < least && dims[axis].IsConstant && result[axis].IsConstant && !dims[axis].Equals(result[axis]))
            {
                context.Object(context.Refuse($"Linear resize mode changes the last 3 dimensions at most, but here axis {axis} of {dims.Length}.", ErrorCode.UnsupportedState));
            }
        }

        context.Set(0, result);
    }

    public override void Lower(Lowering graph)
    {
        DimExpr[] dims = graph.Dims(0);
        DimExpr[] result = graph.OutputDims(0);
        OnnxValue x = graph.Real(0);
        if (result.Any(dim => dim is { IsConstant: true, Number: 0 }))
        {
            graph.Set(0, graph.Expand(graph.Number(0, x.Type), result));
        }
        else if (mode == InterpolationMode.Nearest)
        {
            graph.Set(0, Node(graph, x, result, Enumerable.Range(0, dims.Length).Select(ScaleOf)));
        }
        else
        {
            OnnxValue real = Interpolated(graph, graph.Cast(x, DataType.Float), [.. dims], result);
            graph.Set(0, x.Type == DataType.Int8 ? Cast.Convert(graph, graph.Node("Round", DataType.Float, [real]), x.Type) : real);
        }
    }

    /// <summary>What ONNX Runtime interpolates: the last two of four axes. Axes are independent, so that others take their turns one by one.</summary>
    private OnnxValue Interpolated(Lowering graph, OnnxValue x, DimExpr[] dims, DimExpr[] result)
    {
        int rank = dims.Length;
        List<int> changed = [.. Enumerable.Range(0, rank).Where(axis => !dims[axis].Equals(result[axis]) || ScaleOf(axis) is not (null or 1))];
        if (changed.Count == 0)
        {
            return x;
        }

        while (changed.Count > 0)
        {
            int axis = changed[^1];
            changed.RemoveAt(changed.Count - 1);
            bool both = axis == rank - 1 && changed.Count > 0 && changed[^1] == rank - 2;
            if (both)
            {
                changed.RemoveAt(changed.Count - 1);
                axis--;
            }

            DimExpr before = DimExpr.Volume(dims[..axis]);
            DimExpr after = DimExpr.Volume(dims[(axis + 1)..]);
            x = graph.Reshape(x, [DimExpr.One, before, dims[axis], after]);
            x = Node(graph, x, [DimExpr.One, before, result[axis], both ? result[^1] : after], [ScaleOf(axis) is null ? null : 1, 1, ScaleOf(axis), both ? ScaleOf(rank - 1) : 1]);
            dims[axis] = result[axis];
            dims[^1] = both ? result[^1] : dims[^1];
        }

        return graph.Reshape(x, result);
    }

    private OnnxValue Node(Lowering graph, OnnxValue x, DimExpr[] sizes, IEnumerable<float?> factors)
    {
        float?[] given = [.. factors];
        OnnxValue scaling = OnnxValue.None;
        OnnxValue size = OnnxValue.None;
        if (Array.TrueForAll(given, factor => factor is not null))
        {
            scaling = graph.Reals(Array.ConvertAll(given, factor => factor!.Value));
        }
        else
        {
            size = graph.Shape(sizes);
        }

        // What nobody chose is half-pixel when interpolating linearly, as before there was a choice.
        string coordinates = (transformation ?? (mode == InterpolationMode.Linear ? ResizeCoordinateTransformation.HalfPixel : ResizeCoordinateTransformation.Asymmetric)) switch
        {
            ResizeCoordinateTransformation.AlignCorners => "align_corners",
            ResizeCoordinateTransformation.Asymmetric => "asymmetric",
            _ => selector == ResizeSelector.Upper ? "pytorch_half_pixel" : "half_pixel",
        };
        string nearest = rounding switch
        {
            ResizeRoundMode.HalfUp => "round_prefer_ceil",
            ResizeRoundMode.HalfDown => "round_prefer_floor",
            ResizeRoundMode.Ceil => "ceil",
            _ => "floor",
        };
        string how = mode switch { InterpolationMode.Nearest => "nearest", InterpolationMode.Linear => "linear", _ => "cubic" };
        ReadOnlySpan<OnnxValue> operands = size.Name.Length == 0 ? [x, OnnxValue.None, scaling] : [x, OnnxValue.None, scaling, size];
        return graph.Node("Resize", x.Type, operands, Attr.Text("mode", how), Attr.Text("coordinate_transformation_mode", coordinates), Attr.Text("nearest_mode", nearest),
            Attr.Float("cubic_coeff_a", coefficient), Attr.Int("exclude_outside", mode == InterpolationMode.Cubic && excludeOutside ? 1 : 0));
    }

    private float? ScaleOf(int axis) => InputAt(SizeInput) is null && scales is not null ? scales[axis] : null;

    private DimExpr[] Result(Inference context, DimExpr[] dims)
    {
        if (context.Has(SizeInput))
        {
            DimExpr[] sizes = context.ShapeValues(SizeInput, "second input");
            return sizes.Length == dims.Length ? sizes
                : throw context.Refuse($"the second input must have one element for each of the {dims.Length} dimensions. It has {sizes.Length}.");
        }

        if (scales is { } factors)
        {
            if (factors.Any(factor => !(factor >= 0)))
            {
                throw Refusal.Internal("scale factors must not be negative.");
            }

            if (factors.Length != dims.Length)
            {
                context.Object(context.Refuse($"the number of scale factors must be the number of dimensions, {dims.Length}. It is {factors.Length}."));
            }

            return [.. dims.Select((dim, axis) => axis < factors.Length ? Scaled(dim, factors[axis]) : DimExpr.Zero)];
        }

        if (wanted is { } numbers && numbers.NbDims != dims.Length)
        {
            context.Object(context.Refuse($"the input has {dims.Length} dimensions, but setOutputDimensions gave {numbers.NbDims}."));
        }

        return wanted is { } fixedDims ? Extents.Constants(fixedDims) : dims;
    }

    /// <summary>The whole part of an extent times a factor, computed in single precision as the run does.</summary>
    private static DimExpr Scaled(DimExpr dim, float factor)
    {
        if (dim.IsConstant)
        {
            return DimExpr.Constant((long)MathF.Floor(dim.Number * factor));
        }

        // The fraction that the factor stands for: 1.7 is 17 / 10, though no float is exactly that.
        for (long divisor = 1; divisor <= 1000; divisor++)
        {
            long dividend = (long)Math.Round((double)factor * divisor);
            if ((float)((double)dividend / divisor) == factor)
            {
                return DimExpr.FloorDiv(dim * dividend, DimExpr.Constant(divisor));
            }
        }

        int exponent = Math.Clamp(24 - BitOperations.Log2((uint)Math.Max(factor, 1)), 0, 24);
        return DimExpr.FloorDiv(dim * (long)((double)factor * (1L << exponent)), DimExpr.Constant(1L << exponent));
    }
}
