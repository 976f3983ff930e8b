using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Settings of a context.</summary>
internal sealed class CpuRuntimeConfig : CpuObject, IRuntimeConfig
{
    private ExecutionContextAllocationStrategy strategy;

    public ExecutionContextAllocationStrategy ExecutionContextAllocationStrategy
    {
        get
        {
            ThrowIfDisposed();
            return strategy;
        }

        set
        {
            ThrowIfDisposed();
            strategy = value;
        }
    }
}
