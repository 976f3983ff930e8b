namespace Trt.Interop.Cuda;

/// <summary>What an event keeps, and how a thread waits for it.</summary>
[Flags]
public enum EventFlags
{
    /// <summary>Keeps times; a waiting thread may spin.</summary>
    Default = 0,

    /// <summary>A waiting thread sleeps.</summary>
    BlockingSync = 1,

    /// <summary>Keeps no times, which makes records and waits cheaper.</summary>
    DisableTiming = 2,

    /// <summary>May be given to other processes by <see cref="CudaEvent.GetIpcHandle"/>; needs <see cref="DisableTiming"/>.</summary>
    Interprocess = 4,
}
