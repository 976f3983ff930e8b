using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Picks elements at regular distances along each axis, also from beyond the tensor.</summary>
internal sealed class Slice : CpuLayer, ISliceLayer
{
    private const int StartInput = 1;
    private const int SizeInput = 2;
    private const int StrideInput = 3;
    private const int FillInput = 4;
    private const int AxesInput = 5;

    private Dims start;
    private Dims size;
    private Dims stride;
    private Dims axes = Dims.Unknown;
    private SampleMode mode;
    private Cut[] cuts = [];

    private Slice(CpuNetwork network, CpuTensor input, Dims start, Dims size, Dims stride)
        : base(network, 1, input)
    {
        this.start = start;
        this.size = size;
        this.stride = stride;
    }

    public override LayerType Type => LayerType.Slice;

    public Dims Start
    {
        get => Get(InputAt(StartInput) is null ? start : Dims.Unknown);
        set => Replace(ref start, value, StartInput);
    }

    public Dims Size
    {
        get => Get(InputAt(SizeInput) is null ? size : Dims.Unknown);
        set => Replace(ref size, value, SizeInput);
    }

    public Dims Stride
    {
        get => Get(InputAt(StrideInput) is null ? stride : Dims.Unknown);
        set => Replace(ref stride, value, StrideInput);
    }

    public Dims Axes
    {
        get => Get(InputAt(AxesInput) is null ? axes : Dims.Unknown);
        set => Replace(ref axes, value, AxesInput);
    }

    public SampleMode Mode
    {
        get => Get(mode);
        set => Set(ref mode, value, value is >= SampleMode.StrictBounds and <= SampleMode.Reflect, "setMode", "mode is an enumerator of SampleMode");
    }

    protected override string Tag => "Slice";

    protected override string Interface => "ISliceLayer";

    protected override int? InputLimit => 6;

    public static Slice Create(CpuNetwork network, ITensor input, Dims start, Dims size, Dims stride) => new(network, network.Own(input), start, size, stride);

    public override bool ReadsValues(int input) => input is StartInput or SizeInput or StrideInput or AxesInput;

    public override void Infer(Inference context)
    {
        context.CheckType(0, "first input", Types.Movable);
        DimExpr[] dims = context.Dims(0);
        DimExpr[] along = AxesOf(context, dims.Length);
        DimExpr[] starts = Numbers(context, StartInput, start, "start", along.Length);
        DimExpr[] sizes = Numbers(context, SizeInput, size, "size", along.Length);
        DimExpr[] strides = Numbers(context, StrideInput, stride, "stride", along.Length);
        if (new[] { starts, sizes, strides }.FirstOrDefault(numbers => numbers.Length != along.Length) is { } odd)
        {
            // With numbers that are all fixed the layer has no shape; where some are a tensor, it has the size's and only the build refuses.
            Refusal mismatch = context.Refuse($"mismatch in number of dimensions: start, size or stride has {odd.Length} numbers where {along.Length} are needed.");
            if (context.Has(AxesInput) || !(context.Has(StartInput) || context.Has(SizeInput) || context.Has(StrideInput)))
            {
                throw mismatch;
            }

            context.Object(mismatch);
            context.Set(0, sizes);
            return;
        }

        Cut[] all = Array.ConvertAll(dims, dim => new Cut(DimExpr.Zero, dim, DimExpr.One));
        for (int i = 0; i < along.Length; i++)
        {
            for (int axis = 0; axis < all.Length; axis++)
            {
                // An axis that only the run knows may be any of them.
                DimExpr isIt = DimExpr.AreEqual(along[i], DimExpr.Constant(axis));
                all[axis] = new Cut(
                    DimExpr.Choose(isIt, starts[i], all[axis].Start), DimExpr.Choose(isIt, sizes[i], all[axis].Size), DimExpr.Choose(isIt, strides[i], all[axis].Stride));
            }
        }

        DimExpr[] result = Array.ConvertAll(all, cut => cut.Size);

        cuts = all;
        CheckBounds(context, dims, all);
        CheckFill(context, dims.Length);
        context.Set(0, result, mode == SampleMode.StrictBounds && context.Values(0) is { } values ? Values(values, dims, result, all) : null);
    }

    public override void Lower(Lowering graph)
    {
        DimExpr[] dims = [.. graph.Dims(0)];
        OnnxValue x = mode == SampleMode.Fill ? graph.Carried(graph.Input(0)) : graph.Input(0);
        List<int> moved = [.. Enumerable.Range(0, dims.Length).Where(axis => !cuts[axis].IsWhole(dims[axis]))];
        if (mode == SampleMode.StrictBounds && moved.TrueForAll(axis => cuts[axis].IsPlain))
        {
            graph.Set(0, moved.Count == 0 ? x : graph.Node("Slice", x.Type,
                [x, graph.Shape([.. moved.Select(axis => cuts[axis].Start)]), graph.Shape([.. moved.Select(axis => cuts[axis].End)]),
                graph.Integers([.. moved.Select(axis => (long)axis)]), graph.Shape([.. moved.Select(axis => cuts[axis].Stride)])]));
            return;
        }

        foreach (int axis in moved)
        {
            Cut cut = cuts[axis];
            OnnxValue at = graph.Whole("Add", graph.Whole("Mul", graph.Range(cut.Size), graph.Scalar(cut.Stride)), graph.Scalar(cut.Start));
            OnnxValue count = graph.Scalar(dims[axis]);
            if (mode == SampleMode.Fill)
            {
                // One more element at the end of the axis holds the fill value: all places outside read it.
                OnnxValue inside = graph.Both(graph.Compare("GreaterOrEqual", at, graph.Number(0, DataType.Int64)), graph.Compare("Less", at, count));
                DimExpr[] edge = [.. dims];
                edge[axis] = DimExpr.One;
                x = graph.Node("Concat", x.Type, [x, graph.Expand(Filling(graph, x.Type), edge)], Attr.Int("axis", axis));
                at = graph.Where(inside, at, count);
            }
            else
            {
                at = Inside(graph, at, count);
            }

            x = graph.Gather(x, at, axis);
            dims[axis] = cut.Size;
        }

        graph.Set(0, x);
    }

    private OnnxValue Filling(Lowering graph, DataType type)
    {
        if (!graph.Has(FillInput))
        {
            return graph.Number(0, type);
        }

        return graph.Cast(graph.Node("Reshape", graph.Input(FillInput).Type, [graph.Input(FillInput), graph.Integers()]), type);
    }

    /// <summary>Where a place outside of the tensor reads instead.</summary>
    private OnnxValue Inside(Lowering graph, OnnxValue at, OnnxValue count)
    {
        OnnxValue zero = graph.Number(0, DataType.Int64);
        OnnxValue last = graph.Whole("Sub", count, graph.Number(1, DataType.Int64));
        switch (mode)
        {
            case SampleMode.Clamp:
                return graph.Whole("Min", graph.Whole("Max", at, zero), last);
            case SampleMode.Wrap:
                return graph.Whole("Mod", at, count);
            case SampleMode.Reflect:
                // There and back again without repeating the ends.
                OnnxValue period = graph.Whole("Max", graph.Whole("Add", last, last), graph.Number(1, DataType.Int64));
                OnnxValue phase = graph.Whole("Mod", at, period);
                return graph.Whole("Min", phase, graph.Whole("Sub", period, phase));
            default:
                return at;
        }
    }

    /// <summary>The axes that the numbers are for, from 0.</summary>
    private DimExpr[] AxesOf(Inference context, int rank)
    {
        if (!context.Has(AxesInput) && axes.NbDims < 0)
        {
            return [.. Enumerable.Range(0, rank).Select(axis => DimExpr.Constant(axis))];
        }

        DimExpr[] list = [.. context.Has(AxesInput) ? context.ShapeValues(AxesInput, "axes") : Extents.Constants(axes)];
        for (int i = 0; i < list.Length; i++)
        {
            list[i] = DimExpr.Choose(DimExpr.IsLess(list[i], DimExpr.Zero), list[i] + rank, list[i]);
            if (list[i] is { IsConstant: true, Number: long axis } && (axis < 0 || axis >= rank))
            {
                throw Refusal.Shape($"axis {axis} of a slice does not exist, the input has {rank} dimensions");
            }

            if (list[i].IsConstant && list.AsSpan(0, i).Contains(list[i]))
            {
                throw Refusal.Shape($"axis {list[i]} stands twice among the axes of a slice");
            }
        }

        return list;
    }

    private DimExpr[] Numbers(Inference context, int input, Dims fixedNumbers, string name, int count)
    {
        DimExpr[] numbers = context.Has(input) ? context.ShapeValues(input, name)
            : fixedNumbers.NbDims >= 0 ? Extents.Constants(fixedNumbers)
            : throw context.Refuse($"{name} has no numbers; give {count}, or set input {input}.", ErrorCode.InvalidArgument);
        return numbers;
    }

    private void CheckBounds(Inference context, DimExpr[] dims, Cut[] all)
    {
        for (int axis = 0; axis < dims.Length; axis++)
        {
            Cut cut = all[axis];
            if (cut.IsWhole(dims[axis]) || cut.Size is { IsConstant: true, Number: <= 0 })
            {
                continue;
            }

            string text = $"axis {axis} of the slice reaches beyond the input {Extents.Text(dims)}: start {cut.Start}, size {cut.Size}, stride {cut.Stride}.";
            if (mode == SampleMode.StrictBounds)
            {
                DimExpr end = cut.Start + ((cut.Size - DimExpr.One) * cut.Stride);
                DimExpr least = cut.Stride.IsConstant ? cut.Stride.Number >= 0 ? cut.Start : end : DimExpr.Min(cut.Start, end);
                DimExpr greatest = cut.Stride.IsConstant ? cut.Stride.Number >= 0 ? end : cut.Start : DimExpr.Max(cut.Start, end);

                // What takes nothing may begin anywhere.
                DimExpr isEmpty = DimExpr.IsLess(cut.Size, DimExpr.One);
                least = DimExpr.Choose(isEmpty, DimExpr.Zero, least);
                greatest = DimExpr.Choose(isEmpty, DimExpr.Constant(-1), greatest);
                context.RequireInBuild(ShapeRuleKind.AtLeast, least, DimExpr.Zero, $"out of bounds slice, {text}");
                context.RequireInBuild(ShapeRuleKind.AtLeast, dims[axis], greatest + 1, $"out of bounds slice, {text}");
            }
            else if (mode != SampleMode.Fill)
            {
                context.RequireInBuild(ShapeRuleKind.AtLeast, dims[axis], DimExpr.Min(cut.Size, DimExpr.One), $"there is nothing to repeat on an empty axis: {text}");
            }
        }
    }

    private void CheckFill(Inference context, int rank)
    {
        if (!context.Has(FillInput))
        {
            return;
        }

        if (mode != SampleMode.Fill && Network.IsStronglyTyped)
        {
            throw Refusal.Internal("A fill value of a slice needs the sample mode kFILL");
        }

        (DataType one, DataType other) = (context.Type(0), context.Type(FillInput));
        if (one != other && !(Types.IsFloating(one) && Types.IsFloating(other)))
        {
            throw context.Refuse($"the fill value (input {FillInput}) has type {Types.Name(other)}, which does not become the input's type {Types.Name(one)} by itself.");
        }

        DimExpr[] fill = context.Dims(FillInput);
        if (fill.Length != 0 && (fill.Length != rank || fill.Any(dim => dim is { IsConstant: true, Number: not 1 })))
        {
            context.Object(new Refusal(ErrorCode.UnspecifiedError, "Myelin", $"{Label}: the fill value must be a scalar, or one element with as many dimensions as the input. It has dimensions {Extents.Text(fill)}."));
        }
    }

    private static DimExpr[]? Values(DimExpr[] values, DimExpr[] dims, DimExpr[] result, Cut[] all) =>
        Array.TrueForAll(all, cut => cut.Start.IsConstant && cut.Stride.IsConstant) && Array.TrueForAll(dims, dim => dim.IsConstant)
            ? SmallTensor.Make(result, index => SmallTensor.At(values, dims, Array.ConvertAll([.. index.Index()], place => all[place.Index].Start.Number + (place.Item * all[place.Index].Stride.Number))))
            : null;

    /// <summary>What is taken of an axis.</summary>
    private readonly record struct Cut(DimExpr Start, DimExpr Size, DimExpr Stride)
    {
        /// <summary>Whether ONNX's Slice can say it: the end must not be taken for a place counted from the axis's end.</summary>
        public bool IsPlain => Stride.IsConstant && Stride.Number != 0 && (Stride.Number > 0 || (Start.IsConstant && Size.IsConstant));

        public DimExpr End => Start + (Size * Stride) is var end && Stride.Number < 0 && end.Number < 0 ? DimExpr.Constant(long.MinValue + 1) : end;

        public bool IsWhole(DimExpr dim) => Start is { IsConstant: true, Number: 0 } && Stride is { IsConstant: true, Number: 1 } && Size.Equals(dim);
    }
}
