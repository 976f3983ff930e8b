namespace Trt.Interop.Cuda;

/// <summary>
/// What <see cref="Device"/>, <see cref="DeviceMemory{T}"/>, <see cref="CudaStream"/> and the others sit on: the CUDA driver
/// (<see cref="CudaDeviceApi"/>) or its stand-in in host memory (<see cref="HostDeviceApi"/>).
/// </summary>
/// <remarks>
/// Devices are numbered from 0. Handles (streams, events, graphs, modules) belong to the API that made them. Every member may be called
/// from any thread and leaves the thread's current context as it was, unless it says otherwise. Failures are <see cref="CudaException"/>.
/// </remarks>
public interface IDeviceApi
{
    /// <summary>A short name, the prefix of its devices' names: <c>cuda</c> or <c>host</c>.</summary>
    string Name { get; }

    /// <summary>True for the stand-in, whose device memory can be read by the CPU.</summary>
    bool IsHost { get; }

    /// <summary>How many devices there are; at least 1.</summary>
    int DeviceCount { get; }

    /// <summary>The calling thread's device; 0 where none was chosen.</summary>
    int CurrentDevice { get; }

    /// <summary>Allocations, copies and fills.</summary>
    IMemoryApi Memory { get; }

    /// <summary>Streams and events.</summary>
    IStreamApi Streams { get; }

    /// <summary>Captured graphs.</summary>
    IGraphApi Graphs { get; }

    /// <summary>GPU code.</summary>
    IModuleApi Modules { get; }

    /// <summary>Memory pools beside the devices' own.</summary>
    /// <exception cref="CudaException">The API has none.</exception>
    IPoolApi Pools => throw new CudaException(CudaResult.NotSupported, nameof(Pools), $"\"{Name}\" devices have no memory pools.");

    /// <summary>Memory and events in several processes.</summary>
    /// <exception cref="CudaException">The API has no such thing.</exception>
    IIpcApi Ipc => throw new CudaException(CudaResult.NotSupported, nameof(Ipc), $"\"{Name}\" devices share nothing with other processes.");

    /// <summary>Makes a device the calling thread's until further notice.</summary>
    /// <param name="device">The device's number.</param>
    void SetCurrentDevice(int device);

    /// <summary>Makes a device the calling thread's until <see cref="Leave"/>.</summary>
    /// <param name="device">The device's number.</param>
    /// <returns>What <see cref="Leave"/> needs to restore the state before.</returns>
    nint Enter(int device);

    /// <summary>Undoes the latest <see cref="Enter"/> of the calling thread.</summary>
    /// <param name="token">What <see cref="Enter"/> returned.</param>
    void Leave(nint token);

    /// <summary>Reads what does not change about a device.</summary>
    /// <param name="device">The device's number.</param>
    /// <returns>Name, compute capability, memory, identity.</returns>
    DeviceProperties GetProperties(int device);

    /// <summary>Reads one attribute.</summary>
    /// <param name="device">The device's number.</param>
    /// <param name="attribute">Which attribute; any number that the driver knows may be cast to the enum.</param>
    /// <returns>Its value, in the attribute's unit.</returns>
    int GetAttribute(int device, DeviceAttribute attribute);

    /// <summary>Reads how much memory is free.</summary>
    /// <param name="device">The device's number.</param>
    /// <returns>Free and total bytes.</returns>
    MemoryInfo GetMemoryInfo(int device);

    /// <summary>Waits until all streams of the device have run what was queued so far.</summary>
    /// <param name="device">The device's number.</param>
    void Synchronize(int device);

    /// <summary>Takes a reference on the device's primary context, the one that the CUDA runtime and TensorRT use.</summary>
    /// <param name="device">The device's number.</param>
    /// <returns>The context's handle; give it back with <see cref="ReleasePrimaryContext"/>.</returns>
    nint RetainPrimaryContext(int device);

    /// <summary>Gives one reference back.</summary>
    /// <param name="device">The device's number.</param>
    void ReleasePrimaryContext(int device);

    /// <summary>Whether one device can read and write the other's memory directly.</summary>
    /// <param name="device">The device that would read.</param>
    /// <param name="peer">The device whose memory would be read.</param>
    /// <returns>False also for a device and itself.</returns>
    bool CanAccessPeer(int device, int peer);

    /// <summary>Lets a device use another's memory directly; nothing happens where it already may.</summary>
    /// <param name="device">The device that reads.</param>
    /// <param name="peer">The device whose memory is read.</param>
    void EnablePeerAccess(int device, int peer);

    /// <summary>Takes direct access away; nothing happens where there is none.</summary>
    /// <param name="device">The device that reads.</param>
    /// <param name="peer">The device whose memory is read.</param>
    void DisablePeerAccess(int device, int peer);
}
