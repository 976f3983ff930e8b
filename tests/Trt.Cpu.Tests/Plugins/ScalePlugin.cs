using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>y = factor · x; the factor is 10 times larger with tactic 7, so that a test sees which one ran.</summary>
internal class ScalePlugin : PluginV3, IDisposable
{
    /// <summary>A tactic that takes its time.</summary>
    public const int Slow = 3;

    /// <summary>A factor with which it writes its elements' places in memory instead.</summary>
    public const float Places = -99;

    private int tactic;
    private bool disposed;

    public ScalePlugin(CallLog log, float factor)
    {
        Log = log;
        Factor = factor;
        log.Born();
    }

    public CallLog Log { get; }

    public float Factor { get; }

    /// <summary>The layout it insists on.</summary>
    public TensorFormat Format { get; init; }

    /// <summary>The element type it insists on; null for that of the input.</summary>
    public DataType? Element { get; init; }

    public int[] Offered { get; init; } = [];

    public override string PluginName => Log.Note("name") ? null! : ScaleCreator.Name;

    public override string PluginVersion => "3";

    public override string PluginNamespace => "tests";

    public override int NbOutputs => Log.Note("outputs") ? 0 : 1;

    public override PluginFieldCollection? FieldsToSerialize => Log.Note("fields") ? null : new([
        PluginField.From<float>("factor", PluginFieldType.Float32, [Factor]),
        PluginField.From<int>("format", PluginFieldType.Int32, [(int)Format, Element is { } element ? (int)element : -1])]);

    public override IPluginV3? Clone() => Log.Note("clone") ? null : Copy();

    public override int GetOutputDataTypes(Span<DataType> outputTypes, ReadOnlySpan<DataType> inputTypes)
    {
        outputTypes[0] = inputTypes[0];
        return Log.Note("types") ? 5 : 0;
    }

    public override int GetOutputShapes(ReadOnlySpan<DimsExprs> inputs, ReadOnlySpan<DimsExprs> shapeInputs, Span<DimsExprs> outputs, IExprBuilder exprBuilder)
    {
        outputs[0] = inputs[0];
        return Log.Note("shapes") ? 5 : 0;
    }

    public override bool SupportsFormatCombination(int pos, ReadOnlySpan<DynamicPluginTensorDesc> inOut, int nbInputs, int nbOutputs)
    {
        PluginTensorDesc desc = inOut[pos].Desc;
        bool fails = Log.Note($"supports {pos} {desc.Type} {desc.Format} {desc.Dims}");
        return !fails && desc.Format == Format && desc.Type == (Element ?? inOut[0].Desc.Type);
    }

    public override int ConfigurePlugin(ReadOnlySpan<DynamicPluginTensorDesc> @in, ReadOnlySpan<DynamicPluginTensorDesc> @out) =>
        Log.Note($"configure {Text(@in[0])} -> {Text(@out[0])}") ? 5 : 0;

    public override int OnShapeChange(ReadOnlySpan<PluginTensorDesc> @in, ReadOnlySpan<PluginTensorDesc> @out) => Log.Note($"change {@in[0].Dims} -> {@out[0].Dims}") ? 5 : 0;

    public override unsafe int Enqueue(UnsizedArray<PluginTensorDesc> inputDesc, UnsizedArray<PluginTensorDesc> outputDesc, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream)
    {
        if (Log.Note($"enqueue {tactic}"))
        {
            return 5;
        }

        float times = tactic == 7 ? Factor * 10 : Factor;
        long count = inputDesc[0].Dims.Volume;
        if (Format != TensorFormat.Linear)
        {
            count = Padded(inputDesc[0].Dims, Format == TensorFormat.CHW32 ? 32 : 1);
        }

        if (tactic == Slow)
        {
            Thread.SpinWait(3_000_000);
        }

        for (long i = 0; i < count; i++)
        {
            if (Factor == Places)
            {
                ((float*)outputs[0])[i] = i;
            }
            else if (inputDesc[0].Type == DataType.Half)
            {
                ((Half*)outputs[0])[i] = (Half)((float)((Half*)inputs[0])[i] * times);
            }
            else
            {
                ((float*)outputs[0])[i] = ((float*)inputs[0])[i] * times;
            }
        }

        return 0;
    }

    public override int NbTactics => Log.Note("tactics") ? 0 : Offered.Length;

    public override string? TimingCacheID => $"factor {Factor}";

    public override string? MetadataString => $"multiplies by {Factor}";

    public override int GetValidTactics(Span<int> tactics)
    {
        Offered.CopyTo(tactics);
        return Log.Note("valid") ? 5 : 0;
    }

    public override int FormatCombinationLimit
    {
        get
        {
            Log.Note("limit");
            return 10;
        }
    }

    public override nuint GetWorkspaceSize(ReadOnlySpan<DynamicPluginTensorDesc> inputs, ReadOnlySpan<DynamicPluginTensorDesc> outputs)
    {
        Log.Note("workspace");
        return 128;
    }

    public override int SetTactic(int tactic)
    {
        this.tactic = tactic;
        return Log.Note($"tactic {tactic}") ? 5 : 0;
    }

    public override IPluginV3? AttachToContext(IPluginResourceContext context)
    {
        Assert.NotNull(context.GpuAllocator);
        return Log.Note("attach") ? null : Copy();
    }

    public void Dispose()
    {
        Assert.False(disposed, "a plugin was deleted twice");
        disposed = true;
        Log.Died();
    }

    private static string Text(DynamicPluginTensorDesc tensor) => $"{tensor.Desc.Dims} {tensor.Min} {tensor.Max} {tensor.Opt}";

    private static long Padded(Dims dims, int vector)
    {
        dims[dims.NbDims - 3] = (dims[dims.NbDims - 3] + vector - 1) / vector * vector;
        return dims.Volume;
    }

    private ScalePlugin Copy() => new(Log, Factor) { Format = Format, Element = Element, Offered = Offered };
}
