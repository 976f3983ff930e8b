namespace Trt.Interop;

/// <summary>What kind of library stands behind the interfaces.</summary>
public enum Flavour
{
    /// <summary>NVIDIA TensorRT with its builder.</summary>
    TensorRT,

    /// <summary>The lean runtime: runs version-compatible plans, builds nothing.</summary>
    LeanRuntime,

    /// <summary>The dispatch runtime: runs version-compatible plans that carry their lean runtime.</summary>
    DispatchRuntime,

    /// <summary>TensorRT for RTX: networks are always strongly typed.</summary>
    TensorRTRtx,

    /// <summary>The CPU runtime of this project.</summary>
    Cpu,
}
