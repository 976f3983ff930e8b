using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Trt.Interop.Cuda;

/// <summary>Memory of a device that is allocated and freed in the order of streams and kept for the next allocation, apart from the device's own pool.</summary>
/// <remarks>
/// An allocation takes some microseconds at first and less than one when freed memory can be used again; for that, set <see cref="ReleaseThreshold"/>: without it each
/// synchronisation gives unused memory back. Disposing the pool leaves memory that is in use until it is freed. Safe to use from any thread.
/// </remarks>
public sealed class DeviceMemoryPool : DeviceResource
{
    private readonly nint handle;

    /// <summary>Makes a pool.</summary>
    /// <param name="device">The device; <see cref="Device.Current"/> when null.</param>
    /// <param name="maxBytes">The most that it may hold; 0: no limit. Drivers before CUDA 12.2 know no limit.</param>
    /// <param name="isShareable">Whether other processes may import it with <see cref="Import"/>. Linux only.</param>
    /// <exception cref="CudaException">The device has no pools, or none that can be shared.</exception>
    public DeviceMemoryPool(Device? device = null, long maxBytes = 0, bool isShareable = false)
        : base(device ?? Device.Current)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        handle = Device.Api.Pools.Create(Device.Ordinal, (nuint)maxBytes, isShareable);
        Own();
    }

    private DeviceMemoryPool(Device device, nint handle)
        : base(device)
    {
        this.handle = handle;
        Own();
    }

    /// <summary>The number by which C++ knows it, a <c>CUmemoryPool</c>.</summary>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public nint Handle
    {
        get
        {
            ThrowIfDisposed();
            return handle;
        }
    }

    /// <summary>How many bytes of unused memory are kept over a synchronisation; 0 at first. <see cref="ulong.MaxValue"/> keeps all.</summary>
    public ulong ReleaseThreshold
    {
        get => this[PoolAttribute.ReleaseThreshold];
        set => this[PoolAttribute.ReleaseThreshold] = value;
    }

    /// <summary>Bytes that are allocated from it.</summary>
    public ulong UsedBytes => this[PoolAttribute.UsedCurrent];

    /// <summary>The most bytes that were allocated from it since it was made, or since <see cref="ResetPeaks"/>.</summary>
    public ulong UsedBytesPeak => this[PoolAttribute.UsedHigh];

    /// <summary>Bytes of the device's memory that it holds, in use or not.</summary>
    public ulong ReservedBytes => this[PoolAttribute.ReservedCurrent];

    /// <summary>The most bytes that it has held since it was made, or since <see cref="ResetPeaks"/>.</summary>
    public ulong ReservedBytesPeak => this[PoolAttribute.ReservedHigh];

    /// <summary>One of its numbers: how freed memory may be used again in other streams, and what the properties say.</summary>
    /// <param name="attribute">Which. The policies of reuse are 1 at first; 0 takes one away, for allocations that are the same in every run.</param>
    /// <exception cref="CudaException">The number cannot be set, or not to this value.</exception>
    public ulong this[PoolAttribute attribute]
    {
        get => Device.Api.Pools.GetAttribute(Device.Ordinal, Handle, attribute);
        set => Device.Api.Pools.SetAttribute(Device.Ordinal, Handle, attribute, value);
    }

    /// <summary>Lets both peaks begin at the present numbers.</summary>
    public void ResetPeaks()
    {
        this[PoolAttribute.UsedHigh] = 0;
        this[PoolAttribute.ReservedHigh] = 0;
    }

    /// <summary>Allocates in the order of a stream; <see cref="DeviceResource.Dispose"/> of the memory frees in the same stream's order.</summary>
    /// <typeparam name="T">The element's type.</typeparam>
    /// <param name="length">How many elements; 0 is allowed.</param>
    /// <param name="stream">A stream of the pool's device, after whose earlier work the memory may be used; other streams must wait for an event behind it.</param>
    /// <returns>The memory; its content is undefined.</returns>
    /// <exception cref="CudaException">There is too little memory, or the stream records a graph.</exception>
    public unsafe DeviceMemory<T> Allocate<T>(long length, CudaStream stream)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, long.MaxValue / sizeof(T));
        nint pointer = AllocateBytes(Math.Max(length * sizeof(T), 1), stream);
        return new DeviceMemory<T>(length, stream, pointer);
    }

    /// <summary>Allocates bytes in the order of a stream, without an object for them: nothing is allocated on the managed heap, and nothing tells of a leak.</summary>
    /// <param name="bytes">At least 1.</param>
    /// <param name="stream">A stream of the pool's device, as for <see cref="Allocate"/>.</param>
    /// <returns>The address, aligned to at least 256 bytes; freed with <see cref="Free"/>.</returns>
    /// <exception cref="CudaException">There is too little memory, or the stream records a graph.</exception>
    public nint AllocateBytes(long bytes, CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        CheckTogether(Device, stream.Device, "Pool and stream");
        if (stream.IsCapturing)
        {
            // The driver would make the allocation a part of the graph, whose memory lives by other rules.
            throw new CudaException(CudaResult.StreamCaptureUnsupported, "Allocate");
        }

        return Device.Api.Pools.Allocate(Device.Ordinal, Handle, (nuint)bytes, stream.Handle);
    }

    /// <summary>Gives back what <see cref="AllocateBytes"/> returned, in the order of a stream.</summary>
    /// <param name="pointer">The address.</param>
    /// <param name="stream">A stream of the pool's device, after whose earlier work the memory is free.</param>
    /// <exception cref="CudaException">The address is none of a pool, or was freed before.</exception>
    public void Free(nint pointer, CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        CheckTogether(Device, stream.Device, "Pool and stream");
        Device.Api.Memory.FreeAsync(Device.Ordinal, pointer, stream.Handle);
    }

    /// <summary>Gives unused memory back to the system.</summary>
    /// <param name="bytesToKeep">What the pool may keep.</param>
    public void Trim(long bytesToKeep = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytesToKeep);
        Device.Api.Pools.Trim(Device.Ordinal, Handle, (nuint)bytesToKeep);
    }

    /// <summary>What a device may do with memory of this pool; pools have rights of their own beside <see cref="Device.EnablePeerAccess"/>.</summary>
    /// <param name="peer">The device.</param>
    public PoolAccess GetAccess(Device peer)
    {
        CheckApi(peer);
        return Device.Api.Pools.GetAccess(Handle, peer.Ordinal);
    }

    /// <summary>Says what another device may do with memory of this pool, also with what is allocated already.</summary>
    /// <param name="peer">The device; one that <see cref="Device.CanAccessPeer"/> says can reach the pool's.</param>
    /// <param name="access">Its rights.</param>
    /// <exception cref="CudaException">The device cannot reach the pool's.</exception>
    public void SetAccess(Device peer, PoolAccess access)
    {
        CheckApi(peer);
        Device.Api.Pools.SetAccess(Handle, peer.Ordinal, access);
    }

    /// <summary>Makes a file descriptor by which another process imports the pool; how it gets there (a Unix socket, inheritance) is the processes' affair.</summary>
    /// <exception cref="CudaException">The pool was not made shareable.</exception>
    public SafeFileHandle Export() => new(Device.Api.Pools.Export(Handle), ownsHandle: true);

    /// <summary>Imports another process's pool. Nothing can be allocated from it here; see <see cref="ImportPointer"/>.</summary>
    /// <param name="descriptor">The descriptor; may be closed afterwards.</param>
    /// <param name="device">The pool's device; <see cref="Device.Current"/> when null.</param>
    /// <exception cref="CudaException">The descriptor is none of a pool.</exception>
    public static DeviceMemoryPool Import(SafeHandle descriptor, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        device ??= Device.Current;
        return new DeviceMemoryPool(device, device.Api.Pools.Import(device.Ordinal, descriptor.DangerousGetHandle()));
    }

    /// <summary>Describes memory of this pool for a process that has imported the pool.</summary>
    /// <param name="memory">What <see cref="Allocate"/> gave, not a slice of it.</param>
    /// <exception cref="CudaException">The memory is none of a shareable pool.</exception>
    public IpcPoolPointer ExportPointer(DeviceMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ThrowIfDisposed();
        return Device.Api.Pools.ExportPointer(memory.Pointer);
    }

    /// <summary>Memory of this imported pool that the other process described.</summary>
    /// <typeparam name="T">The element's type.</typeparam>
    /// <param name="pointer">What <see cref="ExportPointer"/> gave there.</param>
    /// <param name="length">How many elements.</param>
    /// <param name="stream">A stream of the device, in whose order disposing gives the memory back here. That must be done before the other process frees it.</param>
    /// <exception cref="CudaException">The pool was not imported, or the memory is gone.</exception>
    public DeviceMemory<T> ImportPointer<T>(IpcPoolPointer pointer, long length, CudaStream stream)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(stream);
        CheckTogether(Device, stream.Device, "Pool and stream");
        return new DeviceMemory<T>(length, stream, Device.Api.Pools.ImportPointer(Device.Ordinal, Handle, pointer));
    }

    /// <summary>Names handle and device.</summary>
    public override string ToString() => $"DeviceMemoryPool 0x{handle:x} of {Device}";

    private protected override void Release() => Device.Api.Pools.Destroy(Device.Ordinal, handle);

    private void CheckApi(Device peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (peer.Api != Device.Api)
        {
            throw new ArgumentException($"{peer} and {Device} belong to different APIs and cannot reach each other's memory.", nameof(peer));
        }
    }
}
