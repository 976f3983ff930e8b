using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>A layer at the edge of a loop.</summary>
internal abstract class LoopBoundary(CpuLoop owner, int outputs, CpuTensor input) : CpuLayer(owner.Network, outputs, input), ILoopBoundaryLayer
{
    /// <summary>The loop.</summary>
    public CpuLoop Owner { get; } = owner;

    public ILoop Loop => Get(Owner);
}
