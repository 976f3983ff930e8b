namespace Trt.Cpu;

/// <summary>The plugins of one execution context.</summary>
internal sealed class ContextPlugins(IReadOnlyList<PluginInstance> instances) : IDisposable
{
    public PluginInstance this[int index] => instances[index];

    public void Dispose()
    {
        foreach (PluginInstance instance in instances)
        {
            instance.Dispose();
        }
    }
}
