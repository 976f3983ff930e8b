namespace Trt.Interop.Cuda;

/// <summary>What a device may do with the memory of another one's pool.</summary>
public enum PoolAccess
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Read it.</summary>
    Read = 1,

    /// <summary>Read and write it.</summary>
    ReadWrite = 3,
}
