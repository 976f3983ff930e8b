namespace Trt.Interop.Cuda;

/// <summary>Page-locked host memory, which the device copies from and to without staging and while other work runs.</summary>
/// <typeparam name="T">The element's type.</typeparam>
/// <remarks>A span of it must not be used after it was disposed. Disposing waits for the device.</remarks>
public sealed unsafe class PinnedMemory<T> : DeviceResource
    where T : unmanaged
{
    private readonly nint pointer;
    private readonly PinnedMemory<T>? parent;

    /// <summary>Allocates memory. Its content is undefined.</summary>
    /// <param name="length">How many elements; 0 is allowed.</param>
    /// <param name="device">The device that it is for; <see cref="Device.Current"/> when null.</param>
    /// <param name="flags">How it is mapped.</param>
    /// <exception cref="CudaException">The system has too little memory that can be locked.</exception>
    public PinnedMemory(int length, Device? device = null, PinnedMemoryFlags flags = PinnedMemoryFlags.Portable)
        : base(device ?? Device.Current)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        pointer = Device.Api.Memory.AllocatePinned(Device.Ordinal, Math.Max((nuint)length * (nuint)sizeof(T), 1), flags);
        Own();
    }

    private PinnedMemory(int length, nint pointer, PinnedMemory<T> parent)
        : base(parent.Device)
    {
        Length = length;
        this.pointer = pointer;
        this.parent = parent;
        Borrow();
    }

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    /// <summary>The address in the process, never 0.</summary>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    public nint Pointer
    {
        get
        {
            ThrowIfDisposed();
            return pointer;
        }
    }

    /// <summary>The elements. What a queued copy reads or writes must be left alone until the stream has passed it.</summary>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    public Span<T> Span => new((void*)Pointer, Length);

    /// <summary>Whether it, or the memory that it is a slice of, was disposed.</summary>
    public override bool IsDisposed => base.IsDisposed || (parent is not null && parent.IsDisposed);

    /// <summary>A part of it. The part cannot be used after the whole was disposed; disposing the part frees nothing.</summary>
    /// <param name="start">The first element.</param>
    /// <param name="length">How many elements.</param>
    /// <returns>A view without a copy.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part reaches outside.</exception>
    public PinnedMemory<T> Slice(int start, int length)
    {
        if (start < 0 || start > Length || length < 0 || length > Length - start)
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"A slice of {length} elements from element {start} reaches outside {this}.");
        }

        return new PinnedMemory<T>(length, Pointer + ((nint)start * sizeof(T)), this);
    }

    /// <summary>Names type, size and device.</summary>
    public override string ToString() => $"PinnedMemory<{typeof(T).Name}> of {Length} elements ({(long)Length * sizeof(T)} bytes) for {Device}";

    private protected override void Release() => Device.Api.Memory.FreePinned(Device.Ordinal, pointer);
}
