using Trt.Interop;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>A creator that only has a name.</summary>
internal sealed class NamedCreator(string name, string space) : IPluginCreatorV3One
{
    public PluginFieldCollection? FieldNames => null;

    public string PluginName => name;

    public string PluginVersion => "1";

    public string PluginNamespace => space;

    public IPluginV3? CreatePlugin(string name, PluginFieldCollection fc, TensorRTPhase phase) => null;
}
