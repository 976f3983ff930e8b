using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>Makes <see cref="HardmaxV2"/> of attributes, and of the bytes that a plan stores.</summary>
/// <param name="device">Where its plugins compute: a GPU, or the host stand-in for the CPU runtime.</param>
internal sealed class HardmaxV2Creator(Device device) : IPluginCreator
{
    public string PluginName => Hardmax.Name;

    public string PluginVersion => HardmaxV2.Version;

    public string PluginNamespace { get; set; } = string.Empty;

    public PluginFieldCollection? FieldNames { get; } = new([Fields.Named("axis")]);

    public IPluginV2? CreatePlugin(string name, PluginFieldCollection fc) => new HardmaxV2(Fields.Ints(fc, "axis")?[0] ?? -1, device) { PluginNamespace = PluginNamespace };

    public IPluginV2? DeserializePlugin(string name, ReadOnlySpan<byte> serialData) => serialData.Length == sizeof(int)
        ? new HardmaxV2(MemoryMarshal.Read<int>(serialData), device) { PluginNamespace = PluginNamespace }
        : throw new ArgumentException($"The plan stores {serialData.Length} bytes for plugin {name}; Hardmax has 4.");
}
