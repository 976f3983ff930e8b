namespace Trt.Interop.Cuda;

/// <summary>Whether a stream records a graph.</summary>
public enum CaptureStatus
{
    /// <summary>It runs its work.</summary>
    None = 0,

    /// <summary>It records.</summary>
    Active = 1,

    /// <summary>A forbidden call spoilt the recording; end it and begin anew.</summary>
    Invalidated = 2,
}
