using System.Runtime.CompilerServices;

namespace Trt.Interop.Cuda;

/// <summary>Memory of a device, as a row of elements.</summary>
/// <typeparam name="T">The element's type.</typeparam>
/// <remarks>
/// Methods with a stream return at once and allocate nothing on the managed heap; all memory involved must stay until the stream has
/// passed them. The others return when they are done; they wait for streams made with <see cref="StreamFlags.Default"/> and not for
/// others. Disposing waits for the device, except for memory made by <see cref="AllocateAsync"/>, which is freed in its stream's order.
/// Different elements may be used from different threads; disposing while another thread is in a method is an error of the caller.
/// </remarks>
public sealed unsafe class DeviceMemory<T> : DeviceMemory
    where T : unmanaged
{
    private readonly DeviceResource? parent;
    private readonly CudaStream? stream;
    private readonly nint mapped; // another process's allocation

    /// <summary>Allocates memory. Its content is undefined.</summary>
    /// <param name="length">How many elements; 0 is allowed.</param>
    /// <param name="device">The device; <see cref="Device.Current"/> when null.</param>
    /// <exception cref="CudaException">The device has too little memory.</exception>
    public DeviceMemory(long length, Device? device = null)
        : base(device ?? Device.Current, Checked(length))
    {
        Length = length;
        RawPointer = Device.Api.Memory.Allocate(Device.Ordinal, (nuint)Math.Max(ByteLength, 1));
        Own();
    }

    private DeviceMemory(long length, CudaStream stream)
        : base(stream.Device, Checked(length))
    {
        Length = length;
        this.stream = stream;
        RawPointer = Device.Api.Memory.AllocateAsync(Device.Ordinal, (nuint)Math.Max(ByteLength, 1), stream.Handle);
        Own();
    }

    /// <summary>Takes over memory that is freed in stream order.</summary>
    internal DeviceMemory(long length, CudaStream stream, nint pointer)
        : base(stream.Device, Checked(length))
    {
        Length = length;
        this.stream = stream;
        RawPointer = pointer;
        Own();
    }

    private DeviceMemory(long length, Device device, in IpcMemoryHandle handle, long byteOffset)
        : base(device, Checked(length))
    {
        Length = length;
        mapped = device.Api.Ipc.OpenMemory(device.Ordinal, handle, out long size);
        if (byteOffset > size || ByteLength > size - byteOffset)
        {
            device.Api.Ipc.CloseMemory(device.Ordinal, mapped);
            throw new ArgumentOutOfRangeException(nameof(length), $"{ByteLength} bytes from byte {byteOffset} on reach outside of the other process's allocation, which has {size}.");
        }

        RawPointer = mapped + (nint)byteOffset;
        Own();
    }

    private DeviceMemory(long length, Device device, nint pointer)
        : base(device, Checked(length))
    {
        Length = length;
        RawPointer = pointer;
        Own();
    }

    private DeviceMemory(long length, Device device, nint pointer, DeviceResource? parent)
        : base(device, Checked(length))
    {
        Length = length;
        RawPointer = pointer;
        this.parent = parent;
        Borrow();
    }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>Whether it, or the memory that it is a slice of, was disposed.</summary>
    public override bool IsDisposed => base.IsDisposed || (parent is not null && parent.IsDisposed);

    /// <summary>Allocates from the device's pool, in the order of a stream; <see cref="DeviceResource.Dispose"/> frees in the same stream's order.</summary>
    /// <param name="length">How many elements; 0 is allowed.</param>
    /// <param name="stream">The stream after whose earlier work the memory may be used; other streams must wait for an event behind it.</param>
    /// <returns>The memory; its content is undefined.</returns>
    /// <exception cref="CudaException">Too little memory, the stream records a graph, or the device has no pools.</exception>
    public static DeviceMemory<T> AllocateAsync(long length, CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.IsCapturing)
        {
            // The driver would make the allocation a part of the graph, whose memory lives by other rules than this object.
            throw new CudaException(CudaResult.StreamCaptureUnsupported, "AllocateAsync");
        }

        return new DeviceMemory<T>(length, stream);
    }

    /// <summary>Allocates managed memory, which device and host use at one address.</summary>
    /// <param name="length">How many elements; 0 is allowed.</param>
    /// <param name="device">The device; <see cref="Device.Current"/> when null.</param>
    /// <returns>The memory; its content is undefined.</returns>
    /// <exception cref="CudaException">There is too little memory.</exception>
    public static DeviceMemory<T> AllocateManaged(long length, Device? device = null)
    {
        device ??= Device.Current;
        return new DeviceMemory<T>(length, device, device.Api.Memory.AllocateManaged(device.Ordinal, (nuint)Math.Max(Checked(length), 1)));
    }

    /// <summary>Opens memory of another process of this machine: C#, C++ or Python.</summary>
    /// <param name="handle">What <see cref="DeviceMemory.GetIpcHandle"/> or <c>cudaIpcGetMemHandle</c> gave there.</param>
    /// <param name="length">How many elements.</param>
    /// <param name="byteOffset">Where they begin in the allocation, in bytes.</param>
    /// <param name="device">The device to use it on, the one that it is on or a peer of it; <see cref="Device.Current"/> when null.</param>
    /// <returns>The same memory; disposing closes it here and frees nothing. What one process writes the other sees once the work is done: wait for it with an event (<see cref="CudaEvent.OpenIpc"/>) or tell each other.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The allocation is shorter.</exception>
    /// <exception cref="CudaException">The handle is none of this machine, its process has ended or is this one, or the device is the host stand-in.</exception>
    public static DeviceMemory<T> OpenIpc(IpcMemoryHandle handle, long length, long byteOffset = 0, Device? device = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        return new DeviceMemory<T>(length, device ?? Device.Current, handle, byteOffset);
    }

    /// <summary>Describes memory that somebody else owns. Disposing frees nothing.</summary>
    /// <param name="pointer">Its address on the device, not 0.</param>
    /// <param name="length">How many elements.</param>
    /// <param name="device">The device.</param>
    /// <returns>A view; valid as long as the memory is.</returns>
    public static DeviceMemory<T> FromPointer(nint pointer, long length, Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfZero(pointer);
        return new DeviceMemory<T>(length, device, pointer, parent: null);
    }

    /// <summary>Describes memory that goes with something else.</summary>
    internal static DeviceMemory<T> ViewOf(DeviceResource owner, nint pointer, long length) => new(length, owner.Device, pointer, owner);

    /// <summary>A part of it. The part cannot be used after the whole was disposed; disposing the part frees nothing.</summary>
    /// <param name="start">The first element.</param>
    /// <param name="length">How many elements.</param>
    /// <returns>A view without a copy.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part reaches outside.</exception>
    public DeviceMemory<T> Slice(long start, long length)
    {
        if (start < 0 || start > Length)
        {
            throw new ArgumentOutOfRangeException(nameof(start), start, $"{this} has no element {start} to begin a slice at.");
        }

        if (length < 0 || length > Length - start)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, $"A slice of {length} elements from element {start} reaches outside {this}.");
        }

        return new DeviceMemory<T>(length, Device, Pointer + (nint)(start * sizeof(T)), this);
    }

    /// <summary>The same bytes as elements of another type; left-over bytes at the end are not part of the result.</summary>
    /// <typeparam name="TOther">The other type.</typeparam>
    /// <returns>A view without a copy.</returns>
    public DeviceMemory<TOther> Cast<TOther>()
        where TOther : unmanaged => new(ByteLength / sizeof(TOther), Device, Pointer, this);

    /// <summary>Copies from the host to its beginning.</summary>
    /// <param name="source">At most <see cref="Length"/> elements.</param>
    /// <exception cref="ArgumentException">The source is longer than this memory.</exception>
    public void CopyFrom(ReadOnlySpan<T> source)
    {
        CheckFits(source.Length, "source");
        fixed (T* from = source)
        {
            Device.Api.Memory.CopyToDevice(Device.Ordinal, Pointer, (nint)from, (nuint)source.Length * (nuint)sizeof(T));
        }
    }

    /// <summary>Copies all of it to the host.</summary>
    /// <param name="destination">At least <see cref="Length"/> elements; what is beyond stays as it is.</param>
    /// <exception cref="ArgumentException">The destination is shorter than this memory.</exception>
    public void CopyTo(Span<T> destination)
    {
        CheckHolds(destination.Length);
        fixed (T* to = destination)
        {
            Device.Api.Memory.CopyToHost(Device.Ordinal, (nint)to, Pointer, (nuint)ByteLength);
        }
    }

    /// <summary>Copies all of it into a new array.</summary>
    /// <returns>The elements.</returns>
    public T[] ToArray()
    {
        T[] result = new T[Length];
        CopyTo(result);
        return result;
    }

    /// <summary>Copies from other device memory to its beginning; also from another GPU, and between a GPU and the host stand-in.</summary>
    /// <param name="source">At most <see cref="Length"/> elements.</param>
    /// <exception cref="ArgumentException">The source is longer than this memory.</exception>
    public void CopyFrom(DeviceMemory<T> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        CheckFits(source.Length, "source");
        nuint bytes = (nuint)source.ByteLength;
        if (source.Device == Device)
        {
            Device.Api.Memory.CopyOnDevice(Device.Ordinal, Pointer, source.Pointer, bytes);
        }
        else if (source.Device.Api == Device.Api)
        {
            Device.Api.Memory.CopyPeer(Device.Ordinal, Pointer, source.Device.Ordinal, source.Pointer, bytes);
        }
        else if (source.Device.IsHost)
        {
            Device.Api.Memory.CopyToDevice(Device.Ordinal, Pointer, source.Pointer, bytes);
        }
        else
        {
            source.Device.Api.Memory.CopyToHost(source.Device.Ordinal, Pointer, source.Pointer, bytes);
        }
    }

    /// <summary>Queues a copy from page-locked memory to its beginning.</summary>
    /// <param name="source">At most <see cref="Length"/> elements.</param>
    /// <param name="stream">A stream of this memory's device.</param>
    /// <exception cref="ArgumentException">The source is longer than this memory, or a device does not fit.</exception>
    public void CopyFromAsync(PinnedMemory<T> source, CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(source);
        CopyFromAsync((T*)source.Pointer, source.Length, stream);
    }

    /// <summary>Queues a copy from host memory to its beginning.</summary>
    /// <param name="source">Where the elements are; the memory must neither move nor go until the stream has passed the copy.</param>
    /// <param name="length">How many, at most <see cref="Length"/>.</param>
    /// <param name="stream">A stream of this memory's device.</param>
    /// <exception cref="ArgumentException">The source is longer than this memory, or a device does not fit.</exception>
    public void CopyFromAsync(T* source, long length, CudaStream stream)
    {
        CheckStream(stream);
        CheckFits(length, "source");
        Device.Api.Memory.CopyToDeviceAsync(Device.Ordinal, Pointer, (nint)source, (nuint)length * (nuint)sizeof(T), stream.Handle);
    }

    /// <summary>Queues a copy of all of it to page-locked memory.</summary>
    /// <param name="destination">At least <see cref="Length"/> elements.</param>
    /// <param name="stream">A stream of this memory's device.</param>
    /// <exception cref="ArgumentException">The destination is shorter than this memory, or a device does not fit.</exception>
    public void CopyToAsync(PinnedMemory<T> destination, CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(destination);
        CopyToAsync((T*)destination.Pointer, destination.Length, stream);
    }

    /// <summary>Queues a copy of all of it to host memory.</summary>
    /// <param name="destination">Where to; the memory must neither move nor go until the stream has passed the copy.</param>
    /// <param name="length">How many elements there is room for, at least <see cref="Length"/>.</param>
    /// <param name="stream">A stream of this memory's device.</param>
    /// <exception cref="ArgumentException">The destination is shorter than this memory, or a device does not fit.</exception>
    public void CopyToAsync(T* destination, long length, CudaStream stream)
    {
        CheckStream(stream);
        CheckHolds(length);
        Device.Api.Memory.CopyToHostAsync(Device.Ordinal, (nint)destination, Pointer, (nuint)ByteLength, stream.Handle);
    }

    /// <summary>Queues a copy from other device memory to its beginning; also from another GPU.</summary>
    /// <param name="source">At most <see cref="Length"/> elements.</param>
    /// <param name="stream">A stream of the device of either.</param>
    /// <exception cref="ArgumentException">The source is longer than this memory, or a device does not fit.</exception>
    public void CopyFromAsync(DeviceMemory<T> source, CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(stream);
        CheckFits(source.Length, "source");
        nuint bytes = (nuint)source.ByteLength;
        if (source.Device == Device)
        {
            CheckStream(stream);
            Device.Api.Memory.CopyOnDeviceAsync(Device.Ordinal, Pointer, source.Pointer, bytes, stream.Handle);
            return;
        }

        if (source.Device.Api != Device.Api)
        {
            throw new ArgumentException($"A copy from {source.Device} to {Device} cannot be queued; use the CopyFrom without a stream.", nameof(source));
        }

        if (stream.Device != source.Device)
        {
            CheckStream(stream);
        }

        Device.Api.Memory.CopyPeerAsync(Device.Ordinal, Pointer, source.Device.Ordinal, source.Pointer, bytes, stream.Device.Ordinal, stream.Handle);
    }

    /// <summary>Sets all bytes to 0.</summary>
    public void Clear() => Device.Api.Memory.Fill(Device.Ordinal, Pointer, 0, 1, (nuint)ByteLength);

    /// <summary>Queues setting all bytes to 0.</summary>
    /// <param name="stream">A stream of this memory's device.</param>
    public void ClearAsync(CudaStream stream)
    {
        CheckStream(stream);
        Device.Api.Memory.FillAsync(Device.Ordinal, Pointer, 0, 1, (nuint)ByteLength, stream.Handle);
    }

    /// <summary>Sets every element to a value.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="NotSupportedException">The element has a size other than 1, 2 or 4 bytes.</exception>
    public void Fill(T value) => Device.Api.Memory.Fill(Device.Ordinal, Pointer, Pattern(value), sizeof(T), (nuint)Length);

    /// <summary>Queues setting every element to a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="stream">A stream of this memory's device.</param>
    /// <exception cref="NotSupportedException">The element has a size other than 1, 2 or 4 bytes.</exception>
    public void FillAsync(T value, CudaStream stream)
    {
        CheckStream(stream);
        Device.Api.Memory.FillAsync(Device.Ordinal, Pointer, Pattern(value), sizeof(T), (nuint)Length, stream.Handle);
    }

    /// <summary>Names type, size and device.</summary>
    public override string ToString() => $"DeviceMemory<{typeof(T).Name}> of {Length} elements ({ByteLength} bytes) on {Device}";

    private protected override void Release()
    {
        if (mapped != 0)
        {
            Device.Api.Ipc.CloseMemory(Device.Ordinal, mapped);
        }
        else if (stream is { IsDisposed: false })
        {
            Device.Api.Memory.FreeAsync(Device.Ordinal, RawPointer, stream.Handle);
        }
        else
        {
            Device.Api.Memory.Free(Device.Ordinal, RawPointer);
        }
    }

    private static long Checked(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, long.MaxValue / sizeof(T));
        return length * sizeof(T);
    }

    private static uint Pattern(T value) => sizeof(T) switch
    {
        1 => *(byte*)&value,
        2 => *(ushort*)&value,
        4 => *(uint*)&value,
        _ => throw new NotSupportedException($"Devices fill elements of 1, 2 or 4 bytes; {typeof(T).Name} has {sizeof(T)}. Copy the values from the host instead."),
    };

    private void CheckStream(CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        CheckTogether(Device, stream.Device, "Memory and stream");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckFits(long length, string parameter)
    {
        if ((ulong)length > (ulong)Length)
        {
            ThrowTooLong(length, parameter);
        }
    }

    private void ThrowTooLong(long length, string parameter) =>
        throw new ArgumentException($"{length} elements do not fit into {this}; copy a part, or into longer memory.", parameter);

    private void CheckHolds(long length)
    {
        if (length < Length)
        {
            throw new ArgumentException($"The destination has room for {length} elements, fewer than {this}; copy a slice, or to a longer destination.", "destination");
        }
    }
}
