namespace Trt.Interop.Cuda;

/// <summary>How page-locked host memory is mapped.</summary>
[Flags]
public enum PinnedMemoryFlags
{
    /// <summary>Page-locked for the device that it was allocated with.</summary>
    None = 0,

    /// <summary>Page-locked for every device.</summary>
    Portable = 1,

    /// <summary>Devices can read it by address.</summary>
    Mapped = 2,

    /// <summary>Fast to write in order and to copy from; slow to read on the CPU.</summary>
    WriteCombined = 4,
}
