namespace Trt.GpuTests;

/// <summary>What a part cannot do without; where it is missing the part is skipped with the reason.</summary>
[Flags]
internal enum Needs
{
    None = 0,

    /// <summary>NVIDIA's driver and a GPU.</summary>
    Gpu = 1,

    /// <summary>The folder of plans with the answers of TensorRT 8.6.0.</summary>
    Plans = 2,

    /// <summary>8.6.0's lean runtime.</summary>
    Lean8 = 4,

    /// <summary>The lean runtime of TensorRT 10.</summary>
    Lean10 = 8,

    /// <summary>The lean runtime of TensorRT 11.</summary>
    Lean11 = 16,

    /// <summary>A library that makes runtimes.</summary>
    Runtime = 32,

    /// <summary>A library that makes builders.</summary>
    Builder = 64,

    /// <summary>What is built must run here: a GPU, but for the CPU runtime.</summary>
    Execution = 128,
}
