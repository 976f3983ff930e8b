namespace Trt.Interop;

/// <summary>A plugin of the second version for run-time shapes; what that version inherited from fixed shapes is answered here and never asked.</summary>
/// <remarks>
/// For programs that still have such plugins; new ones derive from <see cref="PluginV3"/>. The library clones plugins and calls the clones. An
/// <see cref="IPluginCreator"/> restores a plugin from the bytes that <see cref="Serialize"/> wrote.
/// </remarks>
public abstract class PluginV2DynamicExt : IPluginV2DynamicExt
{
    /// <inheritdoc/>
    public abstract string PluginType { get; }

    /// <inheritdoc/>
    public abstract string PluginVersion { get; }

    /// <inheritdoc/>
    public virtual string PluginNamespace { get; set; } = string.Empty;

    /// <inheritdoc/>
    public abstract int NbOutputs { get; }

    /// <inheritdoc/>
    public virtual nuint SerializationSize => 0;

    /// <inheritdoc/>
    public virtual void Serialize(nint buffer)
    {
    }

    /// <inheritdoc/>
    public abstract IPluginV2? Clone();

    /// <inheritdoc/>
    public virtual int Initialize() => 0;

    /// <inheritdoc/>
    public virtual void Terminate()
    {
    }

    /// <inheritdoc/>
    public virtual void Destroy()
    {
    }

    /// <inheritdoc/>
    public virtual void AttachToContext(nint arg0, nint arg1, IGpuAllocator? arg2)
    {
    }

    /// <inheritdoc/>
    public virtual void DetachFromContext()
    {
    }

    /// <inheritdoc/>
    public abstract DataType GetOutputDataType(int index, ReadOnlySpan<DataType> inputTypes);

    /// <inheritdoc/>
    public abstract DimsExprs GetOutputDimensions(int outputIndex, ReadOnlySpan<DimsExprs> inputs, IExprBuilder exprBuilder);

    /// <inheritdoc/>
    public abstract bool SupportsFormatCombination(int pos, ReadOnlySpan<PluginTensorDesc> inOut, int nbInputs, int nbOutputs);

    /// <inheritdoc/>
    public virtual void ConfigurePlugin(ReadOnlySpan<DynamicPluginTensorDesc> @in, ReadOnlySpan<DynamicPluginTensorDesc> @out)
    {
    }

    /// <inheritdoc/>
    public virtual nuint GetWorkspaceSize(ReadOnlySpan<PluginTensorDesc> inputs, ReadOnlySpan<PluginTensorDesc> outputs) => 0;

    /// <inheritdoc/>
    public abstract int Enqueue(UnsizedArray<PluginTensorDesc> inputDesc, UnsizedArray<PluginTensorDesc> outputDesc, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream);

    Dims IPluginV2.GetOutputDimensions(int index, ReadOnlySpan<Dims> inputs) => Dims.Unknown;

    bool IPluginV2.SupportsFormat(DataType type, TensorFormat format) => false;

    void IPluginV2.ConfigureWithFormat(ReadOnlySpan<Dims> inputDims, ReadOnlySpan<Dims> outputDims, DataType type, TensorFormat format, int maxBatchSize)
    {
    }

    nuint IPluginV2.GetWorkspaceSize(int maxBatchSize) => 0;

    int IPluginV2.Enqueue(int batchSize, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream) => -1;

    void IPluginV2Ext.ConfigurePlugin(ReadOnlySpan<Dims> inputDims, ReadOnlySpan<Dims> outputDims, ReadOnlySpan<DataType> inputTypes, ReadOnlySpan<DataType> outputTypes, ReadOnlySpan<bool> inputIsBroadcast, ReadOnlySpan<bool> outputIsBroadcast, TensorFormat floatFormat, int maxBatchSize)
    {
    }
}
