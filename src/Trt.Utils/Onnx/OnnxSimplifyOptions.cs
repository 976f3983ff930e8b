namespace Trt.Utils;

/// <summary>How <see cref="OnnxModel.Simplify"/> works.</summary>
public sealed record OnnxSimplifyOptions
{
    /// <summary>How the model is compared with what it was; null for not at all.</summary>
    public OnnxCheckOptions? Check { get; init; } = new();

    /// <summary>Whether what depends on constants only is computed.</summary>
    public bool FoldConstants { get; init; } = true;

    /// <summary>Computed constants of more bytes are not kept, unless they take no more than what they were computed from.</summary>
    public long MaxFoldedBytes { get; init; } = 16 << 20;

    /// <summary>Names of the passes; null for <see cref="OnnxPasses.Simplification"/>.</summary>
    public IReadOnlyList<string>? Passes { get; init; }
}
