namespace Trt.Cpu;

/// <summary>What an engine inspector tells of a layer beside its name.</summary>
internal sealed record PlanLayer
{
    public required string Type { get; init; }

    public required IReadOnlyList<PlanLayerTensor> Inputs { get; init; }

    public required IReadOnlyList<PlanLayerTensor> Outputs { get; init; }

    /// <summary>Parameters of its kind, in the order in which they are told.</summary>
    public required IReadOnlyList<PlanLayerParameter> Parameters { get; init; }

    public required string Metadata { get; init; }
}
