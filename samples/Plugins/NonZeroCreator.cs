using Trt.Interop;
using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>Makes <see cref="NonZeroPlugin"/>.</summary>
/// <param name="device">Where its plugins compute: a GPU, or the host stand-in for the CPU runtime.</param>
internal sealed class NonZeroCreator(Device device) : IPluginCreatorV3One
{
    public string PluginName => NonZeroPlugin.Name;

    public string PluginVersion => "1";

    public string PluginNamespace => string.Empty;

    public PluginFieldCollection? FieldNames { get; } = new([Fields.Named("rowOrder")]);

    public IPluginV3? CreatePlugin(string name, PluginFieldCollection fc, TensorRTPhase phase) => new NonZeroPlugin((Fields.Ints(fc, "rowOrder")?[0] ?? 1) != 0, device);
}
