namespace Trt.Interop.Cuda;

/// <summary>Where the memory of a DLPack tensor is, by dlpack.h's numbers. Others occur and are refused.</summary>
public enum DlDeviceType
{
    /// <summary>Plain host memory.</summary>
    Cpu = 1,

    /// <summary>Memory of a GPU.</summary>
    Cuda = 2,

    /// <summary>Page-locked host memory.</summary>
    CudaHost = 3,

    /// <summary>Managed memory.</summary>
    CudaManaged = 13,
}
