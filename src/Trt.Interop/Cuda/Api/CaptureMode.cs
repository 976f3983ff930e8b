namespace Trt.Interop.Cuda;

/// <summary>Which calls are refused while a stream records a graph.</summary>
public enum CaptureMode
{
    /// <summary>Calls of any thread that could disturb a recording.</summary>
    Global = 0,

    /// <summary>Such calls of the recording thread only.</summary>
    ThreadLocal = 1,

    /// <summary>None, and any thread may end the recording.</summary>
    Relaxed = 2,
}
