namespace Trt.Utils;

/// <summary>How <see cref="OnnxModel.Optimize"/> works.</summary>
public sealed record OnnxOptimizeOptions
{
    /// <summary>Whether the passes are run again until none of them changes anything.</summary>
    public bool FixedPoint { get; init; }

    /// <summary>
    /// Whether shapes of values between the nodes are inferred by ONNX Runtime first; several passes do more where they know them. Without a registered runtime what
    /// the model itself says is used.
    /// </summary>
    public bool InferShapes { get; init; } = true;

    /// <summary>How the model is compared with what it was, after each pass that changed something; null for not at all.</summary>
    public OnnxCheckOptions? Check { get; init; }
}
