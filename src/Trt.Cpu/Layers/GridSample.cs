using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Reads an image, or a volume, at the places that a grid names.</summary>
internal sealed class GridSample : CpuLayer, IGridSampleLayer
{
    private InterpolationMode interpolation = InterpolationMode.Linear;
    private SampleMode mode = SampleMode.Fill;
    private bool alignCorners;

    private GridSample(CpuNetwork network, CpuTensor input, CpuTensor grid)
        : base(network, 1, input, grid)
    {
    }

    public override LayerType Type => LayerType.GridSample;

    public InterpolationMode InterpolationMode
    {
        get => Get(interpolation);
        set => Set(ref interpolation, value, value is >= InterpolationMode.Nearest and <= InterpolationMode.Cubic, "setInterpolationMode", "mode is an enumerator of InterpolationMode");
    }

    public bool AlignCorners
    {
        get => Get(alignCorners);
        set => Set(ref alignCorners, value, true, "setAlignCorners", string.Empty);
    }

    public SampleMode SampleMode
    {
        get => Get(mode);
        set
        {
            Network.ThrowIfDisposed();
            if (value is not (SampleMode.Clamp or SampleMode.Fill or SampleMode.Reflect))
            {
                string text = $"IGridSampleLayer::setSampleMode: sample mode {value} is not one of kCLAMP, kFILL and kREFLECT.";
                Network.Journal.Error(ErrorCode.InvalidArgument, $"Error Code: 3: {text}");
                throw new TensorRtException(text);
            }

            mode = value;
            Changed();
        }
    }

    protected override string Tag => "GridSample";

    protected override string Interface => "IGridSampleLayer";

    public static GridSample Create(CpuNetwork network, ITensor input, ITensor grid)
    {
        (CpuTensor own, CpuTensor places) = (network.Own(input), network.Own(grid));
        int rank = own.Dimensions.NbDims;
        return rank is not (4 or 5) ? throw network.RefuseAdd("addGridSample", $"the input has 4 or 5 dimensions. It has {rank}")
            : places.Dimensions.NbDims != rank ? throw network.RefuseAdd("addGridSample", $"grid.getDimensions().nbDims == input.getDimensions().nbDims. They are {places.Dimensions.NbDims} and {rank}")
            : new GridSample(network, own, places);
    }

    public override void Infer(Inference context)
    {
        context.CheckType(0, "first input", Types.Real);
        (DataType one, DataType other) = (context.Type(0), context.Type(1));
        if (one != other && (Network.IsStronglyTyped || !Types.IsFloating(one) || !Types.IsFloating(other)))
        {
            throw context.Refuse($"input and grid must have the same type. They are {Types.Name(one)} and {Types.Name(other)}.");
        }

        DimExpr[] dims = context.Dims(0);
        DimExpr[] grid = context.Dims(1);
        if (dims.Length is not (4 or 5) || grid.Length != dims.Length)
        {
            throw Refusal.Internal($"input and grid must both have 4 or 5 dimensions. They have {dims.Length} and {grid.Length}");
        }

        context.RequireInBuild(ShapeRuleKind.Equal, grid[^1], DimExpr.Constant(dims.Length - 2), "the last dimension of the grid must be {1}, but is {0}.");
        context.RequireInBuild(ShapeRuleKind.Equal, dims[0], grid[0], "input and grid must have the same first dimension. It is {0} and {1}.");
        context.Set(0, [dims[0], dims[1], .. grid[1..^1]]);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Cast(graph.Input(0), DataType.Float);
        OnnxValue grid = graph.Cast(graph.Input(1), DataType.Float);
        if (graph.Dims(0).Length == 5)
        {
            graph.Set(0, new VolumeSampling(graph, interpolation, mode, alignCorners).Sample(x, grid));
            return;
        }

        string how = interpolation switch { InterpolationMode.Nearest => "nearest", InterpolationMode.Linear => "linear", _ => "cubic" };
        string outside = mode switch { SampleMode.Clamp => "border", SampleMode.Reflect => "reflection", _ => "zeros" };
        graph.Set(0, graph.Node("GridSample", DataType.Float, [x, grid], Attr.Text("mode", how), Attr.Text("padding_mode", outside), Attr.Int("align_corners", alignCorners ? 1 : 0)));
    }
}
