namespace Trt.Utils;

/// <summary>What a check of the installation found about one thing.</summary>
public enum HealthStatus
{
    /// <summary>It is there, or was tried and works.</summary>
    Good,

    /// <summary>Something to know; nothing is wrong.</summary>
    Note,

    /// <summary>It is not there, and what needs it does not work.</summary>
    Missing,

    /// <summary>It is there, or should be, and does not work.</summary>
    Failed,
}
