using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>A layer with a plugin of the second version.</summary>
internal sealed class PluginV2Layer : PluginLayer, IPluginV2Layer
{
    private readonly V2Plugin plugin;

    private PluginV2Layer(CpuNetwork network, V2Plugin plugin, DataType[] types, CpuTensor[] inputs)
        : base(network, plugin, types, inputs, []) => this.plugin = plugin;

    public override LayerType Type => LayerType.PluginV2;

    public IPluginV2 Plugin => Get(plugin.Target);

    protected override string Tag => plugin.Tag;

    public static PluginV2Layer Create(CpuNetwork network, ReadOnlySpan<ITensor> inputs, IPluginV2 plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        const string method = "addPluginV2";
        CpuTensor[] own = Owned(network, inputs);
        try
        {
            using V2Plugin given = V2Plugin.Of(plugin, owned: false, NameOf(network, "PluginV2"));
            given.Owner = NameOf(network, given.Tag);
            (Plugin clone, DataType[] types) = Take(network, given, own, method);
            return new PluginV2Layer(network, (V2Plugin)clone, types, own);
        }
        catch (Refusal refusal)
        {
            throw network.Journal.Failure($"INetworkDefinition::{method}", refusal);
        }
    }
}
