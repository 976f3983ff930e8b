namespace Trt.Interop.Cuda;

/// <summary>Numbers of a memory pool, by the driver's numbers.</summary>
public enum PoolAttribute
{
    /// <summary>1: memory freed in another stream is used again where an event makes that safe.</summary>
    ReuseFollowEventDependencies = 1,

    /// <summary>1: memory freed in another stream is used again where its work happens to be done.</summary>
    ReuseAllowOpportunistic = 2,

    /// <summary>1: the driver may let a stream wait for another so that freed memory can be used again.</summary>
    ReuseAllowInternalDependencies = 3,

    /// <summary>How many bytes of unused memory are kept over a synchronisation.</summary>
    ReleaseThreshold = 4,

    /// <summary>Bytes that the pool holds of the device's memory. Read only.</summary>
    ReservedCurrent = 5,

    /// <summary>The most bytes that it has held; may be set to 0, from where it begins anew.</summary>
    ReservedHigh = 6,

    /// <summary>Bytes that are allocated from it. Read only.</summary>
    UsedCurrent = 7,

    /// <summary>The most bytes that were allocated from it; may be set to 0, from where it begins anew.</summary>
    UsedHigh = 8,
}
