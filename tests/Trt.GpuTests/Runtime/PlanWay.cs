namespace Trt.GpuTests;

/// <summary>How a library takes plans of 8.6.0.</summary>
internal enum PlanWay
{
    /// <summary>It is that release's own lean runtime.</summary>
    Directly,

    /// <summary>The plan brings the lean runtime along, and host code is allowed.</summary>
    LeanRuntimeInside,

    /// <summary>The library loads 8.6.0's lean runtime from its file.</summary>
    LoadRuntime,
}
