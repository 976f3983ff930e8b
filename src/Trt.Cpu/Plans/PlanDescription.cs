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

    /// <summary>Weights that a refit may exchange, in the order of the graph's inputs for them.</summary>
    public required IReadOnlyList<PlanWeights> Exchangeable { get; init; }

    /// <summary>Bytes of the part of the weights that the graph holds as constants.</summary>
    public long ConstantBytes { get; init; }

    /// <summary>Bytes of all weights of the network.</summary>
    public long WeightBytes { get; init; }

    /// <summary>Bytes of the greatest weights.</summary>
    public long LargestWeights { get; init; }

    /// <summary>Bytes of what lies between the layers, as it follows from the inputs.</summary>
    public required string Memory { get; init; }

    public bool StreamsWeights { get; init; }

    public bool NeedsUserMemory { get; init; }

    public bool IsRefittable { get; init; }

    /// <summary>Whether the engine was built to be kept without its exchangeable weights.</summary>
    public bool IsStripped { get; init; }

    /// <summary>What the inspector tells of each layer; empty unless the profiling verbosity is detailed.</summary>
    public required IReadOnlyList<PlanLayer> LayerDetails { get; init; }

    /// <summary>Tensors that runs can show, in the order of the network.</summary>
    public required IReadOnlyList<PlanDebugTensor> Debug { get; init; }

    public IReadOnlyList<PlanPlugin> Plugins { get; init; } = [];

    public EngineCapability Capability { get; init; }

    public ProfilingVerbosity Verbosity { get; init; }

    public HardwareCompatibilityLevel HardwareCompatibility { get; init; }
}
