namespace Trt.Interop.Cuda;

/// <summary>How a stream relates to the legacy default stream.</summary>
[Flags]
public enum StreamFlags
{
    /// <summary>Work waits for the default stream's earlier work, and the default stream waits for it.</summary>
    Default = 0,

    /// <summary>Independent of the default stream.</summary>
    NonBlocking = 1,
}
