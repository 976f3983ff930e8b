namespace Trt.Interop.Cuda;

/// <summary>Allocations, copies and fills of one <see cref="IDeviceApi"/>. Lengths are bytes unless a member says otherwise.</summary>
/// <remarks>
/// Members without a stream return when the work is done and are ordered after the work of streams made with <see cref="StreamFlags.Default"/>.
/// Members with a stream return at once; the memory must stay until the stream has passed them.
/// </remarks>
public interface IMemoryApi
{
    /// <summary>Allocates device memory, aligned to at least 256 bytes.</summary>
    /// <param name="device">The device's number.</param>
    /// <param name="bytes">At least 1.</param>
    /// <returns>Its address on the device.</returns>
    nint Allocate(int device, nuint bytes);

    /// <summary>Whether an address is one of device memory, which the CPU cannot reach.</summary>
    /// <param name="pointer">Any address.</param>
    /// <returns>False also for addresses that the driver does not know.</returns>
    bool IsDeviceMemory(nint pointer) => false;

    /// <summary>Whether an address is one of managed memory.</summary>
    /// <param name="pointer">Any address.</param>
    /// <returns>False also for addresses that the driver does not know, and on the host stand-in.</returns>
    bool IsManagedMemory(nint pointer) => false;

    /// <summary>The device of an address of device memory.</summary>
    /// <param name="pointer">Any address.</param>
    /// <returns>Its number; −1 where the address is not known.</returns>
    int GetDevice(nint pointer) => -1;

    /// <summary>Allocates managed memory, which device and host use at one address; what the one has written the other sees when the work that wrote it is done.</summary>
    /// <param name="device">The device in whose context it is allocated.</param>
    /// <param name="bytes">At least 1.</param>
    /// <returns>Its address; given back by <see cref="Free"/>.</returns>
    nint AllocateManaged(int device, nuint bytes);

    /// <summary>Moves managed memory to where it is needed next, in stream order. Does nothing where the device moves it page by page at need only.</summary>
    /// <param name="device">The device's number.</param>
    /// <param name="pointer">What <see cref="AllocateManaged"/> returned, or an address inside.</param>
    /// <param name="bytes">How much.</param>
    /// <param name="toHost">Whether it goes to the host.</param>
    /// <param name="stream">The stream of the device.</param>
    void PrefetchAsync(int device, nint pointer, nuint bytes, bool toHost, nint stream);

    /// <summary>Frees device memory after the work that may use it; takes memory of both ways to allocate.</summary>
    /// <param name="device">The device that it was allocated on.</param>
    /// <param name="pointer">What <see cref="Allocate"/> or <see cref="AllocateAsync"/> returned.</param>
    void Free(int device, nint pointer);

    /// <summary>Allocates from the device's pool, in stream order.</summary>
    /// <param name="device">The device's number.</param>
    /// <param name="bytes">At least 1.</param>
    /// <param name="stream">The stream after whose earlier work the memory may be used; not one that captures.</param>
    /// <returns>Its address on the device.</returns>
    nint AllocateAsync(int device, nuint bytes, nint stream);

    /// <summary>Gives memory back to the pool, in stream order.</summary>
    /// <param name="device">The device that it was allocated on.</param>
    /// <param name="pointer">What <see cref="AllocateAsync"/> returned.</param>
    /// <param name="stream">The stream after whose earlier work the memory is free; not one that captures.</param>
    void FreeAsync(int device, nint pointer, nint stream);

    /// <summary>Returns unused memory of the device's pool to the system.</summary>
    /// <param name="device">The device's number.</param>
    /// <param name="bytesToKeep">What the pool may keep.</param>
    void TrimPool(int device, nuint bytesToKeep);

    /// <summary>How much unused memory the device's pool keeps over a synchronisation.</summary>
    /// <param name="device">The device's number.</param>
    /// <returns>The threshold; 0 unless it was set.</returns>
    ulong GetPoolReleaseThreshold(int device);

    /// <summary>Sets how much unused memory the device's pool keeps over a synchronisation.</summary>
    /// <param name="device">The device's number.</param>
    /// <param name="bytes">The threshold.</param>
    void SetPoolReleaseThreshold(int device, ulong bytes);

    /// <summary>Allocates page-locked host memory, which the device copies from and to without staging.</summary>
    /// <param name="device">The device in whose context it is allocated.</param>
    /// <param name="bytes">At least 1.</param>
    /// <param name="flags">How it is mapped.</param>
    /// <returns>Its address in the process.</returns>
    nint AllocatePinned(int device, nuint bytes, PinnedMemoryFlags flags);

    /// <summary>Frees page-locked host memory.</summary>
    /// <param name="device">The device that it was allocated with.</param>
    /// <param name="pointer">What <see cref="AllocatePinned"/> returned.</param>
    void FreePinned(int device, nint pointer);

    /// <summary>Copies host memory to a device.</summary>
    /// <param name="device">The device of the destination.</param>
    /// <param name="destination">Device address.</param>
    /// <param name="source">Host address.</param>
    /// <param name="bytes">How much.</param>
    void CopyToDevice(int device, nint destination, nint source, nuint bytes);

    /// <summary>Copies device memory to the host.</summary>
    /// <param name="device">The device of the source.</param>
    /// <param name="destination">Host address.</param>
    /// <param name="source">Device address.</param>
    /// <param name="bytes">How much.</param>
    void CopyToHost(int device, nint destination, nint source, nuint bytes);

    /// <summary>Copies within one device.</summary>
    /// <param name="device">The device of both.</param>
    /// <param name="destination">Device address.</param>
    /// <param name="source">Device address.</param>
    /// <param name="bytes">How much.</param>
    void CopyOnDevice(int device, nint destination, nint source, nuint bytes);

    /// <summary>Copies from one device to another, with or without direct access.</summary>
    /// <param name="destinationDevice">The device of the destination.</param>
    /// <param name="destination">Device address.</param>
    /// <param name="sourceDevice">The device of the source.</param>
    /// <param name="source">Device address.</param>
    /// <param name="bytes">How much.</param>
    void CopyPeer(int destinationDevice, nint destination, int sourceDevice, nint source, nuint bytes);

    /// <summary>Queues a copy of host memory to a device.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="destination">Device address.</param>
    /// <param name="source">Host address; page-locked memory lets the copy overlap with other work.</param>
    /// <param name="bytes">How much.</param>
    /// <param name="stream">The stream.</param>
    void CopyToDeviceAsync(int device, nint destination, nint source, nuint bytes, nint stream);

    /// <summary>Queues a copy of device memory to the host.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="destination">Host address; page-locked memory lets the copy overlap with other work.</param>
    /// <param name="source">Device address.</param>
    /// <param name="bytes">How much.</param>
    /// <param name="stream">The stream.</param>
    void CopyToHostAsync(int device, nint destination, nint source, nuint bytes, nint stream);

    /// <summary>Queues a copy within one device.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="destination">Device address.</param>
    /// <param name="source">Device address.</param>
    /// <param name="bytes">How much.</param>
    /// <param name="stream">The stream.</param>
    void CopyOnDeviceAsync(int device, nint destination, nint source, nuint bytes, nint stream);

    /// <summary>Queues a copy from one device to another.</summary>
    /// <param name="destinationDevice">The device of the destination.</param>
    /// <param name="destination">Device address.</param>
    /// <param name="sourceDevice">The device of the source.</param>
    /// <param name="source">Device address.</param>
    /// <param name="bytes">How much.</param>
    /// <param name="streamDevice">The device of the stream, one of the two.</param>
    /// <param name="stream">The stream.</param>
    void CopyPeerAsync(int destinationDevice, nint destination, int sourceDevice, nint source, nuint bytes, int streamDevice, nint stream);

    /// <summary>Fills device memory with one pattern.</summary>
    /// <param name="device">The device of the memory.</param>
    /// <param name="destination">Device address, aligned to the pattern.</param>
    /// <param name="pattern">The pattern, in the low bytes.</param>
    /// <param name="patternBytes">1, 2 or 4.</param>
    /// <param name="count">How many patterns.</param>
    void Fill(int device, nint destination, uint pattern, int patternBytes, nuint count);

    /// <summary>Queues a fill.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="destination">Device address, aligned to the pattern.</param>
    /// <param name="pattern">The pattern, in the low bytes.</param>
    /// <param name="patternBytes">1, 2 or 4.</param>
    /// <param name="count">How many patterns.</param>
    /// <param name="stream">The stream.</param>
    void FillAsync(int device, nint destination, uint pattern, int patternBytes, nuint count, nint stream);
}
