using Trt.Interop;

namespace Trt.Cpu;

/// <summary>An input or output of an engine.</summary>
internal sealed record PlanTensor
{
    public required string Name { get; init; }

    public DataType Type { get; init; }

    /// <summary>How its memory is laid out.</summary>
    public TensorFormat Format { get; init; }

    public bool IsInput { get; init; }

    /// <summary>Whether shapes depend on its values, or it is made of such.</summary>
    public bool IsShape { get; init; }

    /// <summary>The input whose memory an output shares.</summary>
    public string? Alias { get; init; }

    /// <summary>As built, with −1 for what a run decides.</summary>
    public required long[] Dims { get; init; }

    /// <summary>How an output's extents follow from the inputs.</summary>
    public required string[] Expressions { get; init; }
}
