namespace Trt.Interop;

/// <summary>A plugin of the third version in one class: core, build and runtime capability together.</summary>
/// <remarks>
/// Derive, implement what is abstract, and register a creator (<see cref="IPluginCreatorV3One"/>) that makes it. TensorRT clones plugins and calls the
/// clones, perhaps from several threads; <see cref="Clone"/> must give a whole object. Status results are 0 for success.
/// </remarks>
public abstract class PluginV3 : IPluginV3, IPluginV3OneCore, IPluginV3OneBuildV2, IPluginV3OneRuntime
{
    /// <inheritdoc/>
    public abstract string PluginName { get; }

    /// <inheritdoc/>
    public abstract string PluginVersion { get; }

    /// <inheritdoc/>
    public virtual string PluginNamespace => string.Empty;

    /// <inheritdoc/>
    public abstract int NbOutputs { get; }

    /// <inheritdoc/>
    public virtual int NbTactics => 0;

    /// <inheritdoc/>
    public virtual string? TimingCacheID => null;

    /// <inheritdoc/>
    public virtual int FormatCombinationLimit => 100;

    /// <inheritdoc/>
    public virtual string? MetadataString => null;

    /// <inheritdoc/>
    public virtual PluginFieldCollection? FieldsToSerialize => new([]);

    /// <inheritdoc/>
    public virtual IPluginCapability? GetCapabilityInterface(PluginCapabilityType type) => (IPluginV3OneCore)this;

    /// <inheritdoc/>
    public abstract IPluginV3? Clone();

    /// <inheritdoc/>
    public virtual int ConfigurePlugin(ReadOnlySpan<DynamicPluginTensorDesc> @in, ReadOnlySpan<DynamicPluginTensorDesc> @out) => 0;

    /// <inheritdoc/>
    public abstract int GetOutputDataTypes(Span<DataType> outputTypes, ReadOnlySpan<DataType> inputTypes);

    /// <inheritdoc/>
    public abstract int GetOutputShapes(ReadOnlySpan<DimsExprs> inputs, ReadOnlySpan<DimsExprs> shapeInputs, Span<DimsExprs> outputs, IExprBuilder exprBuilder);

    /// <inheritdoc/>
    public abstract bool SupportsFormatCombination(int pos, ReadOnlySpan<DynamicPluginTensorDesc> inOut, int nbInputs, int nbOutputs);

    /// <inheritdoc/>
    public virtual nuint GetWorkspaceSize(ReadOnlySpan<DynamicPluginTensorDesc> inputs, ReadOnlySpan<DynamicPluginTensorDesc> outputs) => 0;

    /// <inheritdoc/>
    public virtual int GetValidTactics(Span<int> tactics) => 0;

    /// <inheritdoc/>
    public virtual int GetAliasedInput(int outputIndex) => -1;

    /// <inheritdoc/>
    public virtual int SetTactic(int tactic) => 0;

    /// <inheritdoc/>
    public virtual int OnShapeChange(ReadOnlySpan<PluginTensorDesc> @in, ReadOnlySpan<PluginTensorDesc> @out) => 0;

    /// <inheritdoc/>
    public abstract int Enqueue(UnsizedArray<PluginTensorDesc> inputDesc, UnsizedArray<PluginTensorDesc> outputDesc, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream);

    /// <inheritdoc/>
    public virtual IPluginV3? AttachToContext(IPluginResourceContext context) => Clone();
}
