namespace Trt.Interop.Tests.Rtx;

/// <summary>Makes <see cref="DoublingPlugin"/>s for the parser.</summary>
internal sealed class DoublingCreator(DataType output = DataType.Int64) : IPluginCreatorV3One
{
    /// <summary>The name under which the parser looks for NonZero.</summary>
    public const string Name = "NonZero";

    public List<string> Asked { get; } = [];

    public PluginFieldCollection? FieldNames => new([]);

    public string PluginName => Name;

    public string PluginVersion => "1";

    public string PluginNamespace => string.Empty;

    public IPluginV3? CreatePlugin(string name, PluginFieldCollection fc, TensorRTPhase phase)
    {
        Asked.Add($"create {name} {fc.Fields.Count} {phase}");
        return new DoublingPlugin(output, Asked);
    }
}
