using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Weights of a layer that a refit may exchange: the session reads them as an input, so nothing is computed from them beforehand.</summary>
internal sealed record PlanWeights
{
    public required string Layer { get; init; }

    public WeightsRole Role { get; init; }

    /// <summary>The name that the network gave them, if any.</summary>
    public required string? Name { get; init; }

    /// <summary>The tensor whose INT8 scale this is; null for weights of a layer.</summary>
    public string? RangeOf { get; init; }

    public DataType Type { get; init; }

    public long Count { get; init; }

    public required long[] Dims { get; init; }

    /// <summary>Place in the plan's block of weights; −1 where the plan was written without them.</summary>
    public long Offset { get; init; } = -1;

    /// <summary>Layer and role in messages, as in TensorRT's lines about weights.</summary>
    public string Label() => $"{Layer}:{RoleName(Role)}";

    public static string RoleName(WeightsRole role) => role switch
    {
        WeightsRole.Kernel => "kernel",
        WeightsRole.Bias => "bias",
        WeightsRole.Shift => "shift",
        WeightsRole.Scale => "scale",
        WeightsRole.Constant => "constant",
        _ => "any",
    };
}
