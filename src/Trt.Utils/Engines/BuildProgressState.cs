namespace Trt.Utils;

/// <summary>What happened to a phase of a build.</summary>
public enum BuildProgressState
{
    /// <summary>It began.</summary>
    Started,

    /// <summary>It did a step.</summary>
    Advanced,

    /// <summary>It ended, done or not.</summary>
    Finished,
}
