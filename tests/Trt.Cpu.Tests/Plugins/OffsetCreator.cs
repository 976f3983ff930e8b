using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>Restores V2 plugins from the one float that they write.</summary>
internal sealed class OffsetCreator(CallLog log, Func<float, IPluginV2>? make = null, string name = OffsetCreator.Name) : IPluginCreator
{
    public const string Name = "Offset";

    public string PluginName => name;

    public string PluginVersion => "1";

    public PluginFieldCollection? FieldNames => new([]);

    public string PluginNamespace { get; set; } = string.Empty;

    public IPluginV2? CreatePlugin(string name, PluginFieldCollection fc) => null;

    public IPluginV2? DeserializePlugin(string name, ReadOnlySpan<byte> serialData)
    {
        if (log.Note($"deserialize {name} {serialData.Length}"))
        {
            return null;
        }

        float offset = MemoryMarshal.Read<float>(serialData);
        return make is null ? new OffsetPlugin(log, offset) : make(offset);
    }
}
