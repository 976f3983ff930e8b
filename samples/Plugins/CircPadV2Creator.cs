using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>Makes <see cref="CircPadV2"/> of attributes, and of the bytes that a plan stores.</summary>
/// <param name="device">Where its plugins compute: a GPU, or the host stand-in for the CPU runtime.</param>
internal sealed class CircPadV2Creator(Device device) : IPluginCreator
{
    public string PluginName => CircPad.Name;

    public string PluginVersion => CircPadV2.Version;

    public string PluginNamespace { get; set; } = string.Empty;

    public PluginFieldCollection? FieldNames { get; } = new([Fields.Named("pads")]);

    public IPluginV2? CreatePlugin(string name, PluginFieldCollection fc) => new CircPadV2(Fields.Ints(fc, "pads") ?? [], device) { PluginNamespace = PluginNamespace };

    public IPluginV2? DeserializePlugin(string name, ReadOnlySpan<byte> serialData) => serialData.Length is 2 * sizeof(int) or 4 * sizeof(int)
        ? new CircPadV2(MemoryMarshal.Cast<byte, int>(serialData).ToArray(), device) { PluginNamespace = PluginNamespace }
        : throw new ArgumentException($"The plan stores {serialData.Length} bytes for plugin {name}; CircPad has 8 or 16.");
}
