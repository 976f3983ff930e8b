using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>A layer with a plugin of the third version.</summary>
internal sealed class PluginV3Layer : PluginLayer, IPluginV3Layer
{
    private readonly V3Plugin plugin;

    private PluginV3Layer(CpuNetwork network, V3Plugin plugin, DataType[] types, CpuTensor[] inputs, CpuTensor[] shapeInputs)
        : base(network, plugin, types, inputs, shapeInputs) => this.plugin = plugin;

    public override LayerType Type => LayerType.PluginV3;

    public IPluginV3 Plugin => Get(plugin.Target);

    protected override string Tag => "PluginV3";

    public static PluginV3Layer Create(CpuNetwork network, ReadOnlySpan<ITensor> inputs, ReadOnlySpan<ITensor> shapeInputs, IPluginV3 plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        CpuTensor[] own = Owned(network, inputs);
        CpuTensor[] ownShapes = Owned(network, shapeInputs);
        using V3Plugin given = new(plugin, owned: false) { Owner = NameOf(network, "PluginV3") };
        (Plugin clone, DataType[] types) = Take(network, given, own, "addPluginV3");
        return new PluginV3Layer(network, (V3Plugin)clone, types, own, ownShapes);
    }
}
