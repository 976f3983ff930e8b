namespace Trt.Utils;

/// <summary>Whose format a plan has.</summary>
public enum PlanFormat
{
    /// <summary>None that is known.</summary>
    Unknown,

    /// <summary>TensorRT's: full, lean and dispatch runtimes read it.</summary>
    TensorRT,

    /// <summary>TensorRT-RTX's.</summary>
    TensorRTRtx,

    /// <summary>The CPU runtime's.</summary>
    Cpu,
}
