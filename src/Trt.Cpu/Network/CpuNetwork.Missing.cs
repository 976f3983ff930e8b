using Trt.Interop;

namespace Trt.Cpu;

/// <content>Layers that the CPU runtime does not have: refused when they are added, by their C++ name.</content>
internal sealed partial class CpuNetwork
{
    public IDistCollectiveLayer AddDistCollective(ITensor input, CollectiveOperation distCollectiveOp, ReduceOperation reduceOp, long root, ReadOnlySpan<long> groups) => throw Missing("addDistCollective", "collectives join several GPUs, of which there are none");

    private TensorRtException Missing(string method, string? reason = null)
    {
        ThrowIfDisposed();
        return Journal.Failure($"INetworkDefinition::{method}", new Refusal(ErrorCode.UnsupportedState, Refusal.ApiUsage,
            $"The CPU runtime of version {CpuRuntime.Version} does not have {method}{(reason is null ? string.Empty : $": {reason}")}; docs/cpu-runtime.md lists what it has."));
    }
}
