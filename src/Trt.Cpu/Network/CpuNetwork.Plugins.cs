using Trt.Cpu.Layers;
using Trt.Interop;

namespace Trt.Cpu;

/// <content>Layers whose computation is a plugin.</content>
internal sealed partial class CpuNetwork
{
    public IPluginV2Layer AddPluginV2(ReadOnlySpan<ITensor> inputs, IPluginV2 plugin) => Add(PluginV2Layer.Create(this, inputs, plugin));

    public IPluginV3Layer AddPluginV3(ReadOnlySpan<ITensor> inputs, ReadOnlySpan<ITensor> shapeInputs, IPluginV3 plugin) =>
        Add(PluginV3Layer.Create(this, inputs, shapeInputs, plugin));

    private void ReleasePlugins()
    {
        foreach (PluginLayer layer in layers.OfType<PluginLayer>())
        {
            layer.Held.Dispose();
        }
    }
}
