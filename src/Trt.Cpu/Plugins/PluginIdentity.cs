namespace Trt.Cpu;

/// <summary>By what a plugin's creator is found.</summary>
internal sealed record PluginIdentity(string Name, string Version, string Namespace)
{
    public override string ToString() => $"{Name}, version: {Version}, namespace: \"{Namespace}\"";
}
