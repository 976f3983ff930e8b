using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>A layer at the edge of a conditional.</summary>
internal abstract class ConditionalBoundary(CpuConditional owner, int outputs, params ReadOnlySpan<CpuTensor?> inputs)
    : CpuLayer(owner.Network, outputs, inputs), IIfConditionalBoundaryLayer
{
    /// <summary>The conditional.</summary>
    public CpuConditional Owner { get; } = owner;

    public IIfConditional Conditional => Get(Owner);
}
