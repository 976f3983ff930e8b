namespace Trt.Interop.Core;

/// <summary>Which interface a plugin's capability has: one managed object may be all three.</summary>
internal static class PluginCapabilities
{
    /// <summary>The class of the object that answers for a capability.</summary>
    /// <param name="type">nvinfer1::PluginCapabilityType: core 0, build 1, runtime 2; the same in every release.</param>
    /// <param name="capability">What the plugin gave.</param>
    public static int ClassOf(int type, object? capability) => ((PluginCapabilityType)type, capability) switch
    {
        (PluginCapabilityType.Core, _) => ClassId.IPluginV3OneCore,
        (PluginCapabilityType.Build, IPluginV3OneBuildV2) => ClassId.IPluginV3OneBuildV2,
        (PluginCapabilityType.Build, _) => ClassId.IPluginV3OneBuild,
        (PluginCapabilityType.Runtime, _) => ClassId.IPluginV3OneRuntime,
        _ => ClassId.IPluginCapability,
    };
}
