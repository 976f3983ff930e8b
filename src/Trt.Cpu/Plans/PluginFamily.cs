namespace Trt.Cpu;

/// <summary>Which creator restores a plugin.</summary>
internal enum PluginFamily
{
    /// <summary>An IPluginCreator, from the bytes that the plugin serialised.</summary>
    V2,

    /// <summary>An IPluginCreatorV3One, from the fields that the plugin gave.</summary>
    V3,
}
