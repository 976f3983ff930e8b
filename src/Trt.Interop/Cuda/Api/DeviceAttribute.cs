namespace Trt.Interop.Cuda;

/// <summary>Attributes of a device, by the driver's numbers. Others may be read by casting the driver's number.</summary>
public enum DeviceAttribute
{
    /// <summary>Threads of a block at most.</summary>
    MaxThreadsPerBlock = 1,

    /// <summary>Threads of a block along x at most.</summary>
    MaxBlockDimX = 2,

    /// <summary>Threads of a block along y at most.</summary>
    MaxBlockDimY = 3,

    /// <summary>Threads of a block along z at most.</summary>
    MaxBlockDimZ = 4,

    /// <summary>Blocks of a grid along x at most.</summary>
    MaxGridDimX = 5,

    /// <summary>Blocks of a grid along y at most.</summary>
    MaxGridDimY = 6,

    /// <summary>Blocks of a grid along z at most.</summary>
    MaxGridDimZ = 7,

    /// <summary>Shared memory of a block, in bytes, without opting in to more.</summary>
    MaxSharedMemoryPerBlock = 8,

    /// <summary>Constant memory, in bytes.</summary>
    TotalConstantMemory = 9,

    /// <summary>Threads of a warp.</summary>
    WarpSize = 10,

    /// <summary>32-bit registers of a block at most.</summary>
    MaxRegistersPerBlock = 12,

    /// <summary>Peak clock, in kilohertz.</summary>
    ClockRate = 13,

    /// <summary>Number of multiprocessors; on the host stand-in, of logical processors.</summary>
    MultiprocessorCount = 16,

    /// <summary>1 where the system ends kernels that run too long.</summary>
    KernelExecutionTimeout = 17,

    /// <summary>1 where the device shares the host's memory.</summary>
    Integrated = 18,

    /// <summary>1 where host memory can be mapped into the device's addresses.</summary>
    CanMapHostMemory = 19,

    /// <summary>0: any process may use the device; 2: none; 3: one.</summary>
    ComputeMode = 20,

    /// <summary>1 where kernels may run side by side.</summary>
    ConcurrentKernels = 31,

    /// <summary>1 where memory errors are corrected.</summary>
    EccEnabled = 32,

    /// <summary>PCI bus.</summary>
    PciBusId = 33,

    /// <summary>PCI slot.</summary>
    PciDeviceId = 34,

    /// <summary>Peak memory clock, in kilohertz.</summary>
    MemoryClockRate = 36,

    /// <summary>Width of the memory bus, in bits.</summary>
    GlobalMemoryBusWidth = 37,

    /// <summary>Level 2 cache, in bytes.</summary>
    L2CacheSize = 38,

    /// <summary>Threads of a multiprocessor at most.</summary>
    MaxThreadsPerMultiprocessor = 39,

    /// <summary>Copy engines that work beside kernels.</summary>
    AsyncEngineCount = 40,

    /// <summary>1 where host and devices share one range of addresses.</summary>
    UnifiedAddressing = 41,

    /// <summary>PCI domain.</summary>
    PciDomainId = 50,

    /// <summary>First number of the compute capability.</summary>
    ComputeCapabilityMajor = 75,

    /// <summary>Second number of the compute capability.</summary>
    ComputeCapabilityMinor = 76,

    /// <summary>1 where streams have priorities.</summary>
    StreamPrioritiesSupported = 78,

    /// <summary>Shared memory of a multiprocessor, in bytes.</summary>
    MaxSharedMemoryPerMultiprocessor = 81,

    /// <summary>1 where host and device may use managed memory at the same time.</summary>
    ConcurrentManagedAccess = 89,

    /// <summary>1 where a grid can synchronise all its blocks.</summary>
    CooperativeLaunch = 95,

    /// <summary>Shared memory of a block, in bytes, where the kernel opts in.</summary>
    MaxSharedMemoryPerBlockOptin = 97,

    /// <summary>Bytes of the L2 cache that can be set aside for what is used again and again.</summary>
    MaxPersistingL2CacheSize = 108,

    /// <summary>1 where memory can be allocated and freed in stream order.</summary>
    MemoryPoolsSupported = 115,
}
