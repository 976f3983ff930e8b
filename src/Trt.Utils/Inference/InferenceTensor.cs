using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>An input or output as one <see cref="InferenceContext"/> sees it: its shape, and where its values are.</summary>
/// <remarks>
/// Values live in the context's own memory, which grows as needed, unless the user's memory is bound: then that memory is the user's to keep until the runs that use it are done.
/// Host code writes inputs and reads outputs through <see cref="AsSpan"/>, CopyFrom and CopyTo; the run copies them to and from the device in the order of its stream. These wait for a run that
/// was enqueued and not waited for. An input that the network updates in place (a key-value cache) is sent to the device once each time that it is written. Belongs to the thread that uses the context. Spans are valid until the shape changes, other memory is bound, or the context goes.
/// </remarks>
public sealed unsafe class InferenceTensor
{
    private readonly InferenceContext context;
    private readonly RunMemory memory;
    private readonly bool isOnlyHost;
    private readonly bool isShared;
    private BoundMemory bound;
    private nint onDevice;
    private nint onHost;
    private bool keepOnDevice;
    private bool isFetched;
    private bool isSent;
    private Dims shape;
    private long byteCount;

    /// <param name="context">Whose tensor it is.</param>
    /// <param name="spec">What the engine says of it.</param>
    /// <param name="isShared">Whether it is an input that an output updates in place.</param>
    internal InferenceTensor(InferenceContext context, TensorSpec spec, bool isShared)
    {
        this.isShared = isShared;
        this.context = context;
        Spec = spec;
        Become(spec.Shape);
        isOnlyHost = context.Device.IsHost || spec.IsOnHost;
        memory = new RunMemory(context.Device, spec.IsOnHost);
    }

    /// <summary>What the engine says of it.</summary>
    public TensorSpec Spec { get; }

    /// <summary>Its name.</summary>
    public string Name => Spec.Name;

    /// <summary>
    /// Of an input the shape of the runs that follow, settable; values given before are lost when it changes. Of an output the shape of the latest run, or after <see cref="InferenceContext.InferShapes"/> that of the next;
    /// an extent that depends on data is −1 until the run.
    /// </summary>
    /// <exception cref="ArgumentException">Set to another rank, to an extent below 0, or to another extent than the engine was built with.</exception>
    public Dims Shape
    {
        get => shape;
        set
        {
            CheckInput("has the shape that follows from the inputs");
            SetShape(value);
        }
    }

    /// <summary>Of an output: whether runs leave it on the device, where <see cref="DevicePointer"/> is, without copying it to the host. Reading it on the host still works, and copies it then.</summary>
    public bool KeepOnDevice
    {
        get => keepOnDevice;
        set
        {
            if (keepOnDevice != value)
            {
                context.CheckIdle();
                keepOnDevice = value;
                context.Invalidate();
            }
        }
    }

    /// <summary>Where the latest run had it: an address on the device, for shape tensors on the host; 0 before a run.</summary>
    public nint DevicePointer => onDevice;

    /// <summary>How many elements the current shape has in memory.</summary>
    /// <exception cref="InvalidOperationException">An extent is not known yet.</exception>
    public long ElementCount => Spec.MemoryCount(shape);

    /// <summary>The values on the host, to be written (input) or read (output), without a further copy.</summary>
    /// <typeparam name="T">The element type; ushort for the bits of bfloat16, byte for types of 8 bits without a .NET type, and for types of 4 bits, of which a byte holds two.</typeparam>
    /// <returns>All elements of the current shape. After an input's shape was set they are undefined until they are written.</returns>
    /// <exception cref="ArgumentException">The elements are of another type.</exception>
    /// <exception cref="InvalidOperationException">The shape is not known yet, or the input is bound to device memory.</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged
    {
        Spec.Check<T>();
        context.Settle();
        nint address = Spec.IsInput ? Writable() : Readable();
        return new Span<T>((void*)address, checked((int)(ByteCount / sizeof(T))));
    }

    /// <summary>Gives an input its values, which are copied at once. Where the engine leaves one extent open, it follows from their number.</summary>
    /// <typeparam name="T">The element type, see <see cref="AsSpan"/>.</typeparam>
    /// <param name="values">All elements, last axis fastest.</param>
    /// <exception cref="ArgumentException">Another element type, or a number of elements that the shape cannot have.</exception>
    public void CopyFrom<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        FollowLength<T>(values.Length, exactly: true);
        values.CopyTo(ToFill<T>());
    }

    /// <summary>Gives an input its shape and values, which are copied at once.</summary>
    /// <typeparam name="T">The element type, see <see cref="AsSpan"/>.</typeparam>
    /// <param name="values">All elements, last axis fastest.</param>
    /// <param name="shape">The shape of this and the following runs.</param>
    /// <exception cref="ArgumentException">Another element type, a shape that the engine cannot have, or another number of elements.</exception>
    public void CopyFrom<T>(ReadOnlySpan<T> values, Dims shape)
        where T : unmanaged
    {
        Spec.Check<T>();
        values.CopyTo(ToFill<T>(shape, values.Length));
    }

    /// <summary>Copies an output's values.</summary>
    /// <typeparam name="T">The element type, see <see cref="AsSpan"/>.</typeparam>
    /// <param name="destination">Room for all elements; what is beyond stays as it is.</param>
    /// <returns>How many elements were copied.</returns>
    /// <exception cref="ArgumentException">Another element type, or too little room.</exception>
    public int CopyTo<T>(Span<T> destination)
        where T : unmanaged
    {
        Span<T> values = AsSpan<T>();
        if (destination.Length < values.Length)
        {
            CheckRoom<T>(destination.Length);
        }

        values.CopyTo(destination);
        return values.Length;
    }

    /// <summary>Copies the values into a new array.</summary>
    /// <typeparam name="T">The element type, see <see cref="AsSpan"/>.</typeparam>
    public T[] ToArray<T>()
        where T : unmanaged => AsSpan<T>().ToArray();

    /// <summary>Lets runs use device memory as it is, until something else is bound or copied.</summary>
    /// <typeparam name="T">The element type, see <see cref="AsSpan"/>.</typeparam>
    /// <param name="memory">Of the context's device; the user's, and not to be disposed while runs use it. An output needs room for its greatest shape.</param>
    /// <param name="shape">Of an input: its shape. Null: the engine's, or what follows from the memory's length.</param>
    /// <exception cref="ArgumentException">Another element type or device, an address that is not aligned to 256 bytes (GPU), or too little memory for an input's shape.</exception>
    public void Bind<T>(DeviceMemory<T> memory, Dims? shape = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(memory);
        Bind<T>(new BoundMemory(memory.Pointer, memory.ByteLength, false, memory), memory.Length, shape);
    }

    /// <summary>Lets runs copy from or to page-locked memory.</summary>
    /// <typeparam name="T">The element type, see <see cref="AsSpan"/>.</typeparam>
    /// <param name="memory">For the context's device; the user's, and not to be touched while runs use it. An output needs room for its greatest shape.</param>
    /// <param name="shape">Of an input: its shape. Null: the engine's, or what follows from the memory's length.</param>
    /// <exception cref="ArgumentException">Another element type or device, or too little memory for an input's shape.</exception>
    public void Bind<T>(PinnedMemory<T> memory, Dims? shape = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(memory);
        Bind<T>(new BoundMemory(memory.Pointer, (long)memory.Length * sizeof(T), true, memory), memory.Length, shape);
    }

    /// <summary>Lets runs use memory of which only the address is known; its element type is not checked.</summary>
    /// <param name="pointer">Address on the device, aligned to 256 bytes; of shape tensors on the host. Valid while runs use it.</param>
    /// <param name="byteLength">Bytes that may be used there.</param>
    /// <param name="shape">Of an input: its shape; null keeps the one that it has.</param>
    /// <exception cref="ArgumentException">The address is not aligned (GPU), or the shape is one that the engine cannot have.</exception>
    public void Bind(nint pointer, long byteLength, Dims? shape = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(pointer);
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        if (shape is { } given)
        {
            Shape = given;
        }

        BoundMemory other = new(pointer, byteLength, false, null);
        if (other != bound)
        {
            Take(other);
        }
    }

    /// <summary>Back to the context's own memory; an input then needs values again.</summary>
    public void Unbind()
    {
        if (!bound.IsNone)
        {
            context.CheckIdle();
            Forget();
        }
    }

    /// <summary>Name, type, current shape and whose memory it uses.</summary>
    public override string ToString() => $"{Spec.Kind} \"{Name}\" {Spec.DataType} {ShapeText.Of(shape)} in {(bound.IsNone ? "own" : bound.IsPinned ? "bound page-locked" : "bound")} memory";

    internal ref readonly Dims CurrentShape => ref shape;

    /// <summary>Bytes of the current shape in memory.</summary>
    /// <exception cref="InvalidOperationException">An extent is not known yet.</exception>
    internal long ByteCount => byteCount >= 0 ? byteCount : Spec.MemoryBytes(shape);

    internal ref readonly BoundMemory Bound => ref bound;

    /// <summary>Whether an input was given values since the shape was set or the context rented.</summary>
    internal bool HasValues { get; private set; }

    /// <summary>Where runs copy an input from or an output to; 0 where nothing is copied.</summary>
    internal nint CopyAddress => isOnlyHost || bound.IsOnDevice || (keepOnDevice && bound.IsNone) || isSent ? 0 : onHost;

    internal long HostValueCount => HasValues ? shape.Volume : 0;

    /// <summary>A value of a shape-tensor input.</summary>
    internal long HostValue(int element)
    {
        nint at = bound.IsNone ? onHost : bound.Pointer;
        return Spec.DataType switch
        {
            DataType.Int64 => ((long*)at)[element],
            DataType.Int32 => ((int*)at)[element],
            _ => ((byte*)at)[element],
        };
    }

    /// <summary>The address that a run reads an input from.</summary>
    internal nint PlaceInput()
    {
        if (bound.IsOnDevice || (isOnlyHost && bound.IsPinned))
        {
            bound.CheckRoom(Spec, ShapeText.Of(shape), Spec.HasUnknownSize ? 0 : ByteCount);
            return onDevice = bound.Pointer;
        }

        return onDevice = memory.OnDevice(ByteCount);
    }

    /// <summary>The address that a run writes an output of a known shape to.</summary>
    /// <param name="known">The shape.</param>
    /// <param name="bytes">What it needs.</param>
    /// <param name="alias">The address of the input with which it shares memory, or 0.</param>
    internal nint PlaceOutput(in Dims known, long bytes, nint alias)
    {
        Become(known);
        if (alias != 0 && bound.IsOnDevice && bound.Pointer != alias)
        {
            throw new ArgumentException($"Output \"{Name}\" shares its memory with input \"{Spec.AliasedInput}\": bind both to the same address, or leave the output unbound.");
        }

        onDevice = alias != 0 ? alias : PlaceDuringRun(bytes);
        PlaceCopy(bytes);
        return onDevice;
    }

    /// <summary>Memory for an output whose size the run has found.</summary>
    internal nint PlaceDuringRun(long bytes)
    {
        bool isBound = bound.IsOnDevice || (isOnlyHost && bound.IsPinned);
        if (isBound && (bound.Bytes < bytes || bound.Lender is not null))
        {
            bound.CheckRoom(Spec, ShapeText.Of(shape), bytes);
        }

        return onDevice = isBound ? bound.Pointer : memory.OnDeviceDuringRun(bytes);
    }

    /// <summary>The shape that the run has found.</summary>
    internal void Found(in Dims known) => Become(known);

    /// <summary>Room on the host for an output.</summary>
    internal void PlaceCopy(long bytes)
    {
        if (bound.IsPinned && bound.Bytes < bytes)
        {
            bound.CheckRoom(Spec, ShapeText.Of(shape), bytes);
        }

        onHost = bound.IsPinned ? bound.Pointer : isOnlyHost ? onDevice : keepOnDevice || bound.IsOnDevice ? 0 : memory.OnHost(bytes);
    }

    /// <summary>A run was enqueued: what the host has fetched of an output is no longer it, and an input that the run updates must not be sent again.</summary>
    internal void Enqueued()
    {
        isFetched = false;
        if (isShared && !isSent)
        {
            isSent = true;
            context.Invalidate();
        }
    }

    /// <summary>No run is under way any more.</summary>
    internal void Finished() => memory.FreeRetired();

    /// <summary>For the next user of the context: nothing of this one's stays.</summary>
    internal void Reset()
    {
        if (!bound.IsNone || keepOnDevice)
        {
            keepOnDevice = false;
            Forget();
        }

        HasValues = false;
    }

    internal void Free() => memory.Dispose();

    /// <summary>An output's bytes.</summary>
    internal byte[] Copy()
    {
        context.Settle();
        return new ReadOnlySpan<byte>((void*)Readable(), checked((int)ByteCount)).ToArray();
    }

    internal void CheckRoom<T>(long length)
        where T : unmanaged
    {
        Spec.Check<T>();
        if (shape.IsStatic && length < ByteCount / sizeof(T))
        {
            throw new ArgumentException($"Output \"{Name}\" has {ByteCount / sizeof(T)} elements ({ShapeText.Of(shape)}), but there is room for {length}.", "destination");
        }
    }

    /// <summary>The memory for so many values of a shape.</summary>
    internal Span<T> ToFill<T>(in Dims given, long length)
        where T : unmanaged
    {
        CheckInput("is not given values");
        SetShape(given);
        CheckLength(length, sizeof(T), exactly: true);
        return ToFill<T>();
    }

    private Span<T> ToFill<T>()
        where T : unmanaged
    {
        if (bound.IsOnDevice)
        {
            Unbind();
        }

        return AsSpan<T>();
    }

    private void SetShape(in Dims value)
    {
        if (value == shape && value.IsStatic)
        {
            return;
        }

        context.CheckIdle();
        ShapeRules.Check(Spec, value);
        Become(value);
        HasValues = !bound.IsNone;
        context.Invalidate();
    }

    /// <summary>Checks a number of elements against the shape, which becomes another one where they do not fit and the engine leaves one extent open.</summary>
    private void FollowLength<T>(long length, bool exactly)
        where T : unmanaged
    {
        CheckInput("is not given values");
        Spec.Check<T>();
        if (Spec.IsDynamic && byteCount != length * sizeof(T) && ElementTypes.Bits(Spec.DataType) == sizeof(T) * 8 && ShapeRules.Following(Spec, length) is { NbDims: >= 0 } following)
        {
            SetShape(following);
        }

        CheckLength(length, sizeof(T), exactly);
    }

    private void CheckLength(long length, int size, bool exactly)
    {
        if (byteCount != length * size)
        {
            ShapeRules.CheckLength(Spec, shape, length, size, exactly);
        }
    }

    private void Become(in Dims known)
    {
        shape = known;
        byteCount = known.IsStatic && !Spec.HasUnknownSize ? Spec.MemoryBytes(known) : -1;
    }

    private void Bind<T>(in BoundMemory other, long length, Dims? shape)
        where T : unmanaged
    {
        Spec.Check<T>();
        Device device = other.Lender!.Device;
        if (device != context.Device)
        {
            throw new ArgumentException($"\"{Name}\" is used on {context.Device}, but the memory is of {device}: use memory of the runner's device.");
        }

        if (Spec.IsOnHost && !other.IsPinned && !device.IsHost)
        {
            throw new ArgumentException($"\"{Name}\" is a shape tensor, whose values lie in host memory: use CopyFrom, AsSpan or page-locked memory.");
        }

        if (shape is { } given)
        {
            Shape = given;
            CheckLength(length, sizeof(T), exactly: false);
        }
        else if (Spec.IsInput)
        {
            FollowLength<T>(length, exactly: Spec.IsDynamic);
        }

        if (other != bound)
        {
            Take(other);
        }
    }

    private void Take(in BoundMemory other)
    {
        context.CheckIdle();
        if (!isOnlyHost && !other.IsPinned)
        {
            other.CheckAlignment(Spec);
        }

        bound = other;
        isSent = false;
        onHost = other.IsPinned ? other.Pointer : 0;
        HasValues = true;
        context.Invalidate();
    }

    private void Forget()
    {
        bound = default;
        onHost = 0;
        HasValues = false;
        context.Invalidate();
    }

    private nint Writable()
    {
        if (bound.IsOnDevice || !shape.IsStatic)
        {
            throw new InvalidOperationException(bound.IsNone
                ? $"Input \"{Name}\" has shape {ShapeText.Of(shape)}: set its Shape first."
                : $"Input \"{Name}\" is bound to device memory: Unbind it to give values on the host.");
        }

        nint address = bound.IsPinned ? bound.Pointer : memory.OnHost(ByteCount);
        HasValues = true;
        if (address != onHost || isSent)
        {
            onHost = address;
            isSent = false;
            context.Invalidate();
        }

        return address;
    }

    /// <summary>Where the host finds an output; what a run has left on the device is fetched now.</summary>
    private nint Readable()
    {
        if (onDevice == 0 || !shape.IsStatic)
        {
            throw new InvalidOperationException($"Output \"{Name}\" has no values before a run.");
        }

        if (isOnlyHost || onHost != 0)
        {
            return isOnlyHost ? onDevice : onHost;
        }

        bound.CheckAlive(Spec);
        nint address = memory.OnHost(ByteCount);
        if (!isFetched)
        {
            context.Device.Api.Memory.CopyToHost(context.Device.Ordinal, address, onDevice, (nuint)ByteCount);
            isFetched = true;
        }

        return address;
    }

    private void CheckInput(string otherwise)
    {
        if (!Spec.IsInput)
        {
            throw new InvalidOperationException($"\"{Name}\" is an output: it {otherwise}.");
        }
    }
}
