using Trt.Interop;
using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>Makes <see cref="HardmaxV3"/> of a network's or an ONNX node's attributes, and of those that a plan stores.</summary>
/// <param name="device">Where its plugins compute: a GPU, or the host stand-in for the CPU runtime.</param>
internal sealed class HardmaxV3Creator(Device device) : IPluginCreatorV3One
{
    public string PluginName => Hardmax.Name;

    public string PluginVersion => HardmaxV3.Version;

    public string PluginNamespace => string.Empty;

    public PluginFieldCollection? FieldNames { get; } = new([Fields.Named("axis")]);

    public IPluginV3? CreatePlugin(string name, PluginFieldCollection fc, TensorRTPhase phase) => new HardmaxV3(Fields.Ints(fc, "axis")?[0] ?? -1, device);
}
