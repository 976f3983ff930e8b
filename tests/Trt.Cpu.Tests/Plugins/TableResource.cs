using Trt.Interop;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>Something that plugins share.</summary>
internal sealed class TableResource(CallLog log, string name) : IPluginResource, IDisposable
{
    public string Name => name;

    public IPluginResource? Clone()
    {
        log.Note($"clone {name}");
        return new TableResource(log, $"{name}'s clone");
    }

    public int Release()
    {
        log.Note($"release {name}");
        return 0;
    }

    public void Dispose() => log.Note($"delete {name}");
}
