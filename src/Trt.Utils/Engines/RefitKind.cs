namespace Trt.Utils;

/// <summary>Which weights of an engine can be replaced after the build.</summary>
public enum RefitKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>All; costs some speed.</summary>
    All,

    /// <summary>All, but only by the same values: for plans that are stored without weights, at no cost in speed.</summary>
    Identical,

    /// <summary>Those that <see cref="BuildOptions.RefittableWeights"/> names.</summary>
    Individual,
}
