using Trt.Interop;

namespace Trt.Cpu;

/// <summary>What a context offers its plugins.</summary>
internal sealed class PluginResourceContext(Journal journal) : IPluginResourceContext
{
    public IGpuAllocator? GpuAllocator => HostAllocator.Instance;

    public IErrorRecorder? ErrorRecorder => journal.Recorder;
}
