using Trt.Interop;

namespace Trt.Cpu;

/// <summary>An input or output of a plugin.</summary>
internal sealed record PlanPluginTensor
{
    public required DataType Type { get; init; }

    public required TensorFormat Format { get; init; }

    /// <summary>Quantization scale of INT8 values.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Extents of an output by those of the plugin's own inputs (d0.1), values of its shape inputs and size tensors (v2.0); none for inputs.</summary>
    public string[] Extents { get; init; } = [];

    /// <summary>What a size tensor cannot exceed; null for an output that is none.</summary>
    public string? Upper { get; init; }

    /// <summary>The input whose memory an output shares; −1 for none.</summary>
    public int AliasOf { get; init; } = -1;
}
