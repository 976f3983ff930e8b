using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Trt.Interop.Core;

namespace Trt.Interop.Cuda;

/// <summary>Hands memory to other programs of the process as DLPack tensors: PyTorch, CuPy, JAX, TVM, C++.</summary>
/// <remarks>
/// The receiver gets a view, not a copy, and calls the tensor's deleter exactly once when it is done; a tensor that nobody took is given back with <see cref="Delete"/> or
/// <see cref="DeleteVersioned"/>. Nothing here waits: work that writes the memory must be done, or the receiver's stream must wait for it, before the receiver reads.
/// Safe to use from any thread.
/// </remarks>
public static unsafe class DlPack
{
    /// <summary>Makes a <c>DLManagedTensorVersioned</c> of version 1.1, the form that programs of today ask for.</summary>
    /// <typeparam name="T">The element's type.</typeparam>
    /// <param name="memory">The memory, or a slice.</param>
    /// <param name="shape">The shape; no axes for a single element.</param>
    /// <param name="options">Strides, type, rights and owner; null: without gaps, of .NET's type, writable, and the memory goes with the tensor.</param>
    /// <returns>The tensor's address.</returns>
    /// <exception cref="ArgumentException">The shape reaches outside of the memory, or the type does not fit.</exception>
    public static nint ExportVersioned<T>(DeviceMemory<T> memory, ReadOnlySpan<long> shape, DlExportOptions? options = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(memory);
        return MakeVersioned<T>(memory, memory.Pointer, memory.Length, Place(memory.Device, memory.Pointer), shape, options ?? new DlExportOptions());
    }

    /// <summary>Makes a <c>DLManagedTensorVersioned</c> over page-locked memory.</summary>
    /// <inheritdoc cref="ExportVersioned{T}(DeviceMemory{T}, ReadOnlySpan{long}, DlExportOptions?)"/>
    public static nint ExportVersioned<T>(PinnedMemory<T> memory, ReadOnlySpan<long> shape, DlExportOptions? options = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(memory);
        return MakeVersioned<T>(memory, memory.Pointer, memory.Length, Place(memory), shape, options ?? new DlExportOptions());
    }

    /// <summary>Makes a <c>DLManagedTensor</c>, the form of DLPack before 1.0, which cannot say that a tensor is read-only.</summary>
    /// <inheritdoc cref="ExportVersioned{T}(DeviceMemory{T}, ReadOnlySpan{long}, DlExportOptions?)"/>
    public static nint Export<T>(DeviceMemory<T> memory, ReadOnlySpan<long> shape, DlExportOptions? options = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(memory);
        return MakePlain<T>(memory, memory.Pointer, memory.Length, Place(memory.Device, memory.Pointer), shape, options ?? new DlExportOptions());
    }

    /// <summary>Makes a <c>DLManagedTensor</c> over page-locked memory.</summary>
    /// <inheritdoc cref="Export{T}(DeviceMemory{T}, ReadOnlySpan{long}, DlExportOptions?)"/>
    public static nint Export<T>(PinnedMemory<T> memory, ReadOnlySpan<long> shape, DlExportOptions? options = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(memory);
        return MakePlain<T>(memory, memory.Pointer, memory.Length, Place(memory), shape, options ?? new DlExportOptions());
    }

    /// <summary>Calls the deleter of a <c>DLManagedTensor</c> that nobody took, whoever made it.</summary>
    /// <param name="tensor">Its address; 0 does nothing.</param>
    public static void Delete(nint tensor)
    {
        NativeDlManagedTensor* managed = (NativeDlManagedTensor*)tensor;
        if (managed is not null && managed->Deleter is not null)
        {
            managed->Deleter(managed);
        }
    }

    /// <summary>Calls the deleter of a <c>DLManagedTensorVersioned</c> that nobody took, whoever made it and in whichever version.</summary>
    /// <param name="tensor">Its address; 0 does nothing.</param>
    public static void DeleteVersioned(nint tensor)
    {
        NativeDlManagedTensorVersioned* managed = (NativeDlManagedTensorVersioned*)tensor;
        if (managed is not null && managed->Deleter is not null)
        {
            managed->Deleter(managed);
        }
    }

    /// <summary>Strides without gaps.</summary>
    internal static long[] Contiguous(ReadOnlySpan<long> shape)
    {
        long[] strides = new long[shape.Length];
        long step = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= Math.Max(shape[i], 1);
        }

        return strides;
    }

    private static (DlDeviceType Type, int Id) Place(Device device, nint pointer) =>
        device.IsHost ? (DlDeviceType.Cpu, 0) : device.Api.Memory.IsManagedMemory(pointer) ? (DlDeviceType.CudaManaged, 0) : (DlDeviceType.Cuda, device.Ordinal);

    private static (DlDeviceType Type, int Id) Place(DeviceResource pinned) => (pinned.Device.IsHost ? DlDeviceType.Cpu : DlDeviceType.CudaHost, 0);

    private static nint MakePlain<T>(DeviceResource memory, nint pointer, long length, (DlDeviceType Type, int Id) place, ReadOnlySpan<long> shape, DlExportOptions options)
        where T : unmanaged
    {
        if (options.IsReadOnly)
        {
            throw new ArgumentException("A DLManagedTensor cannot say that it is read-only: use ExportVersioned.", nameof(options));
        }

        (DlDataType type, long[] strides, bool isEmpty) = Check<T>(length, shape, options);
        NativeDlManagedTensor* made = (NativeDlManagedTensor*)NativeMemory.Alloc((nuint)(sizeof(NativeDlManagedTensor) + (2 * shape.Length * sizeof(long))));
        made->Tensor = Describe((long*)(made + 1), isEmpty ? 0 : pointer, place, type, shape, strides);
        made->Context = Hold(memory, options);
        made->Deleter = &DeletePlain;
        return (nint)made;
    }

    private static nint MakeVersioned<T>(DeviceResource memory, nint pointer, long length, (DlDeviceType Type, int Id) place, ReadOnlySpan<long> shape, DlExportOptions options)
        where T : unmanaged
    {
        (DlDataType type, long[] strides, bool isEmpty) = Check<T>(length, shape, options);
        NativeDlManagedTensorVersioned* made = (NativeDlManagedTensorVersioned*)NativeMemory.Alloc((nuint)(sizeof(NativeDlManagedTensorVersioned) + (2 * shape.Length * sizeof(long))));
        made->Major = NativeDlManagedTensorVersioned.KnownMajor;
        made->Minor = NativeDlManagedTensorVersioned.KnownMinor;
        made->Flags = options.IsReadOnly ? NativeDlManagedTensorVersioned.ReadOnly : 0;
        made->Tensor = Describe((long*)(made + 1), isEmpty ? 0 : pointer, place, type, shape, strides);
        made->Context = Hold(memory, options);
        made->Deleter = &DeleteOfVersioned;
        return (nint)made;
    }

    private static NativeDlTensor Describe(long* lists, nint pointer, (DlDeviceType Type, int Id) place, DlDataType type, ReadOnlySpan<long> shape, long[] strides)
    {
        shape.CopyTo(new Span<long>(lists, shape.Length));
        strides.CopyTo(new Span<long>(lists + shape.Length, shape.Length));
        return new NativeDlTensor { Data = pointer, DeviceType = place.Type, DeviceId = place.Id, NbDims = shape.Length, Type = type, Shape = lists, Strides = lists + shape.Length };
    }

    private static (DlDataType Type, long[] Strides, bool IsEmpty) Check<T>(long length, ReadOnlySpan<long> shape, DlExportOptions options)
        where T : unmanaged
    {
        DlDataType type = options.Type ?? DlDataType.Of<T>();
        if (type.ElementBits != 8 * sizeof(T))
        {
            throw new ArgumentException($"An element of {type} has {type.ElementBits} bits, but {typeof(T).Name} has {8 * sizeof(T)}.", nameof(options));
        }

        if (!options.Strides.IsDefault && options.Strides.Length != shape.Length)
        {
            throw new ArgumentException($"The shape has {shape.Length} axes, but there are {options.Strides.Length} strides.", nameof(options));
        }

        bool isEmpty = false;
        foreach (long extent in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent, nameof(shape));
            isEmpty |= extent == 0;
        }

        long[] strides = options.Strides.IsDefault ? Contiguous(shape) : [.. options.Strides];
        Int128 last = 0;
        for (int i = 0; i < shape.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(strides[i], nameof(options));
            last += (Int128)(shape[i] - 1) * strides[i];
        }

        if (!isEmpty && last >= length)
        {
            throw new ArgumentException($"A tensor of shape [{string.Join(", ", shape.ToArray())}] with strides [{string.Join(", ", strides)}] reaches to element {last}, but the memory has {length} elements.", nameof(shape));
        }

        return (type, strides, isEmpty);
    }

    private static nint Hold(DeviceResource memory, DlExportOptions options) => GCHandle.ToIntPtr(GCHandle.Alloc(new Exported(memory, options.LeaveOpen, options.Released)));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void DeletePlain(NativeDlManagedTensor* tensor)
    {
        if (tensor is not null)
        {
            nint context = tensor->Context;
            NativeMemory.Free(tensor);
            End(context);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void DeleteOfVersioned(NativeDlManagedTensorVersioned* tensor)
    {
        if (tensor is not null)
        {
            nint context = tensor->Context;
            NativeMemory.Free(tensor);
            End(context);
        }
    }

    private static void End(nint context)
    {
        try
        {
            GCHandle handle = GCHandle.FromIntPtr(context);
            Exported exported = (Exported)handle.Target!;
            handle.Free();
            if (!exported.LeaveOpen)
            {
                exported.Memory.Dispose();
            }

            exported.Released?.Invoke();
        }
        catch (Exception exception)
        {
            // Must not cross the receiver's frames: the next call of TensorRT tells it.
            CallState.Keep(exception);
        }
    }

    private sealed record Exported(DeviceResource Memory, bool LeaveOpen, Action? Released);
}
