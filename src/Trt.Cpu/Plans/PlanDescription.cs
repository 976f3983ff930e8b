using Trt.Interop;

namespace Trt.Cpu;

/// <summary>What a plan says of itself besides graph and weights; kept as JSON.</summary>
internal sealed record PlanDescription
{
    public required string Name { get; init; }

    public required string Producer { get; init; }

    public required IReadOnlyList<PlanTensor> Tensors { get; init; }

    public required IReadOnlyList<PlanRule> Rules { get; init; }

    public required IReadOnlyList<PlanProfile> Profiles { get; init; }

    public required IReadOnlyList<string> Layers { get; init; }

    public EngineCapability Capability { get; init; }

    public ProfilingVerbosity Verbosity { get; init; }

    public HardwareCompatibilityLevel HardwareCompatibility { get; init; }
}
