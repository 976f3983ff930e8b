using System.Collections.Immutable;

namespace Trt.Interop.Cuda;

/// <summary>A DLPack tensor of another program of this process. Disposing calls its deleter, once; until then its memory can be used.</summary>
/// <remarks>Nothing here waits: what the other program has queued must be done, or streams must wait for it, before the memory is read.</remarks>
public sealed unsafe class DlTensor : DeviceResource
{
    private const int MostAxes = 64; // more than any program makes, and few enough to read them out of a damaged tensor
    private readonly nint managed;
    private readonly bool isVersioned;
    private readonly nint pointer;

    private DlTensor(Device device, nint managed, bool isVersioned, in NativeDlTensor tensor, ulong flags)
        : base(device)
    {
        this.managed = managed;
        this.isVersioned = isVersioned;
        pointer = tensor.Data + (nint)tensor.ByteOffset;
        DeviceType = tensor.DeviceType;
        DeviceId = tensor.DeviceId;
        Type = tensor.Type;
        Shape = [.. new ReadOnlySpan<long>(tensor.Shape, tensor.NbDims)];
        Strides = tensor.Strides is null ? [.. DlPack.Contiguous(Shape.AsSpan())] : [.. new ReadOnlySpan<long>(tensor.Strides, tensor.NbDims)];
        IsReadOnly = (flags & NativeDlManagedTensorVersioned.ReadOnly) != 0;
        Own();
    }

    /// <summary>Where the memory is.</summary>
    public DlDeviceType DeviceType { get; }

    /// <summary>The GPU's number; 0 for host and managed memory.</summary>
    public int DeviceId { get; }

    /// <summary>The element type.</summary>
    public DlDataType Type { get; }

    /// <summary>The extents.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>Steps of each axis in elements.</summary>
    public ImmutableArray<long> Strides { get; }

    /// <summary>Whether the other program forbids to write. Tensors of the old form cannot say so.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The number of elements.</summary>
    public long Length => Shape.Aggregate(1L, static (product, extent) => checked(product * extent));

    /// <summary>Whether the elements follow each other without gaps, the last axis fastest, as TensorRT wants them.</summary>
    public bool IsContiguous
    {
        get
        {
            long step = 1;
            for (int i = Shape.Length - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && Strides[i] != step && Length > 0)
                {
                    return false;
                }

                step *= Shape[i];
            }

            return true;
        }
    }

    /// <summary>The address of the first element, the tensor's byte offset included; 0 where there are no elements.</summary>
    /// <exception cref="ObjectDisposedException">The tensor was disposed.</exception>
    public nint Pointer
    {
        get
        {
            ThrowIfDisposed();
            return pointer;
        }
    }

    /// <summary>Takes over a <c>DLManagedTensor</c>, the form of DLPack before 1.0.</summary>
    /// <param name="tensor">Its address. When this throws the tensor stays the caller's, who gives it back with <see cref="DlPack.Delete"/>.</param>
    /// <returns>The tensor, whose deleter is called when it is disposed.</returns>
    /// <exception cref="NotSupportedException">Its memory is of a kind that this library does not know, or of a GPU and there is no driver.</exception>
    /// <exception cref="ArgumentException">It contradicts itself.</exception>
    public static DlTensor Import(nint tensor)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tensor);
        ref NativeDlManagedTensor managed = ref *(NativeDlManagedTensor*)tensor;
        return new DlTensor(Check(managed.Tensor), tensor, isVersioned: false, managed.Tensor, 0);
    }

    /// <summary>Takes over a <c>DLManagedTensorVersioned</c>.</summary>
    /// <param name="tensor">Its address. When this throws the tensor stays the caller's, who gives it back with <see cref="DlPack.DeleteVersioned"/>.</param>
    /// <returns>The tensor, whose deleter is called when it is disposed.</returns>
    /// <exception cref="NotSupportedException">Another major version, memory of a kind that this library does not know, or of a GPU where there is no driver.</exception>
    /// <exception cref="ArgumentException">It contradicts itself.</exception>
    public static DlTensor ImportVersioned(nint tensor)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tensor);
        ref NativeDlManagedTensorVersioned managed = ref *(NativeDlManagedTensorVersioned*)tensor;
        if (managed.Major != NativeDlManagedTensorVersioned.KnownMajor)
        {
            throw new NotSupportedException($"The tensor is of DLPack {managed.Major}.{managed.Minor}; only version {NativeDlManagedTensorVersioned.KnownMajor} is known, and another one is laid out otherwise.");
        }

        return new DlTensor(Check(managed.Tensor), tensor, isVersioned: true, managed.Tensor, managed.Flags);
    }

    /// <summary>The elements as device memory, without a copy; those of host memory, page-locked or not, as memory of <see cref="Device.Host"/>.</summary>
    /// <typeparam name="T">The element's type; <c>ushort</c> for bfloat16, <c>byte</c> for eight-bit floats.</typeparam>
    /// <param name="forReading">Promises not to write, which a read-only tensor asks for.</param>
    /// <returns>A view; it cannot be used after this tensor was disposed.</returns>
    /// <exception cref="ArgumentException">The elements are of another type.</exception>
    /// <exception cref="InvalidOperationException">The elements have gaps, there are none, or the tensor is read-only.</exception>
    public DeviceMemory<T> AsMemory<T>(bool forReading = false)
        where T : unmanaged
    {
        ThrowIfDisposed();
        if (!Type.IsHeldBy<T>())
        {
            throw new ArgumentException($"{this} has elements of {Type}, which {typeof(T).Name} does not hold.");
        }

        if (!IsContiguous)
        {
            throw new InvalidOperationException($"{this} has strides [{string.Join(", ", Strides)}], but a row of memory has no gaps: make it contiguous where it was made.");
        }

        if (IsReadOnly && !forReading)
        {
            throw new InvalidOperationException($"{this} is read-only: pass forReading: true and do not write.");
        }

        return pointer != 0 ? DeviceMemory<T>.ViewOf(this, pointer, Length) : throw new InvalidOperationException($"{this} has no elements.");
    }

    /// <summary>Names shape, type and place.</summary>
    public override string ToString() => $"DlTensor [{string.Join(", ", Shape)}] of {Type} in {DeviceType} memory {DeviceId}";

    private protected override void Release()
    {
        if (isVersioned)
        {
            DlPack.DeleteVersioned(managed);
        }
        else
        {
            DlPack.Delete(managed);
        }
    }

    private static Device Check(in NativeDlTensor tensor)
    {
        if (tensor.NbDims is < 0 or > MostAxes || (tensor.NbDims > 0 && tensor.Shape is null))
        {
            throw new ArgumentException($"The DLPack tensor says that it has {tensor.NbDims} axes{(tensor.Shape is null ? " and has no shape" : string.Empty)}.");
        }

        Int128 length = 1;
        for (int i = 0; i < tensor.NbDims; i++)
        {
            if (tensor.Shape[i] < 0)
            {
                throw new ArgumentException($"Axis {i} of the DLPack tensor has an extent of {tensor.Shape[i]}.");
            }

            length *= tensor.Shape[i];
            if (length * Math.Max(tensor.Type.ElementBits, 1) > long.MaxValue)
            {
                throw new ArgumentException("The DLPack tensor says that it has more elements than an address space.");
            }
        }

        if ((length > 0 && tensor.Data == 0) || tensor.Type.ElementBits == 0 || tensor.ByteOffset > long.MaxValue)
        {
            throw new ArgumentException($"The DLPack tensor has {length} elements of {tensor.Type.ElementBits} bits at address 0x{tensor.Data:x} and byte {tensor.ByteOffset}.");
        }

        switch (tensor.DeviceType)
        {
            case DlDeviceType.Cpu or DlDeviceType.CudaHost:
                return Device.Host;
            case DlDeviceType.Cuda or DlDeviceType.CudaManaged when !CudaDriver.IsAvailable(out string reason):
                throw new NotSupportedException($"The DLPack tensor is in memory of a GPU, and there is none here: {reason}");
            case DlDeviceType.Cuda:
                IReadOnlyList<Device> devices = Device.Of(CudaDeviceApi.Instance);
                return (uint)tensor.DeviceId < (uint)devices.Count
                    ? devices[tensor.DeviceId]
                    : throw new ArgumentException($"The DLPack tensor is on GPU {tensor.DeviceId}, but there are {devices.Count}, numbered from 0.");
            case DlDeviceType.CudaManaged:
                int owner = CudaDeviceApi.Instance.Memory.GetDevice(tensor.Data);
                return Device.Of(CudaDeviceApi.Instance)[Math.Max(owner, 0)];
            default:
                throw new NotSupportedException($"The DLPack tensor is in memory of device type {(int)tensor.DeviceType}; known are 1 (host), 2 (GPU), 3 (page-locked) and 13 (managed).");
        }
    }
}
