using Trt.Interop;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>y = x + offset as a V2 plugin of fixed shapes.</summary>
internal unsafe class StaticPlugin(CallLog log, float offset) : IPluginV2Ext
{
    public const string Name = "StaticOffset";

    protected CallLog Log => log;

    protected float Offset => offset;

    public string PluginType => Name;

    public string PluginVersion => "1";

    public int NbOutputs => 1;

    public nuint SerializationSize => sizeof(float);

    public string PluginNamespace { get; set; } = string.Empty;

    public Dims GetOutputDimensions(int index, ReadOnlySpan<Dims> inputs) => inputs[0];

    public DataType GetOutputDataType(int index, ReadOnlySpan<DataType> inputTypes) => inputTypes[0];

    public bool SupportsFormat(DataType type, TensorFormat format)
    {
        log.Note("format");
        return type == DataType.Float && format == TensorFormat.Linear;
    }

    public void ConfigureWithFormat(ReadOnlySpan<Dims> inputDims, ReadOnlySpan<Dims> outputDims, DataType type, TensorFormat format, int maxBatchSize) => log.Note("oldest");

    public void ConfigurePlugin(ReadOnlySpan<Dims> inputDims, ReadOnlySpan<Dims> outputDims, ReadOnlySpan<DataType> inputTypes, ReadOnlySpan<DataType> outputTypes, ReadOnlySpan<bool> inputIsBroadcast, ReadOnlySpan<bool> outputIsBroadcast, TensorFormat floatFormat, int maxBatchSize) =>
        log.Note($"configure {inputDims[0]} {inputTypes[0]} {outputTypes[0]} {inputIsBroadcast[0]} {floatFormat} {maxBatchSize}");

    public int Initialize() => 0;

    public void Terminate()
    {
    }

    public nuint GetWorkspaceSize(int maxBatchSize) => 0;

    public int Enqueue(int batchSize, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream)
    {
        log.Note($"enqueue {batchSize} {workspace}");
        for (long i = 0; i < StaticPlugin.Elements; i++)
        {
            ((float*)outputs[0])[i] = ((float*)inputs[0])[i] + offset;
        }

        return 0;
    }

    public void Serialize(nint buffer) => *(float*)buffer = offset;

    public void Destroy() => log.Note("destroy");

    public virtual IPluginV2? Clone() => new StaticPlugin(log, offset);

    /// <summary>The tests' tensors have this many.</summary>
    public const int Elements = 6;
}
