using System.Numerics.Tensors;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>A name, and the values of an input or the room for an output, for <see cref="InferenceRunner"/>'s Run and RunAsync. Copies nothing and holds nothing but a reference.</summary>
public readonly struct TensorBinding
{
    private readonly IBindable? kind;
    private readonly object? memory;
    private readonly nint pointer;
    private readonly long byteLength;
    private readonly Dims? shape;

    private TensorBinding(string name, IBindable kind, object? memory, Dims? shape, nint pointer = 0, long byteLength = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        this.kind = kind;
        this.memory = memory;
        this.shape = shape;
        this.pointer = pointer;
        this.byteLength = byteLength;
    }

    /// <summary>The tensor's name in the engine.</summary>
    public string Name { get; }

    /// <summary>An array: copied to the device before the run, or filled from its beginning after it.</summary>
    /// <typeparam name="T">The element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <param name="name">The tensor's name.</param>
    /// <param name="values">All elements, last axis fastest.</param>
    /// <param name="shape">Of an input; null where it is the engine's, or follows from the number of elements.</param>
    public static TensorBinding Of<T>(string name, T[] values, Dims? shape = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return new TensorBinding(name, Values<T>.Arrays, values, shape);
    }

    /// <summary>A tensor, whose shape is an input's: copied to the device before the run, or filled after it.</summary>
    /// <typeparam name="T">The element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <param name="name">The tensor's name.</param>
    /// <param name="values">The tensor; of an output's shape.</param>
    public static TensorBinding Of<T>(string name, Tensor<T> values)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return new TensorBinding(name, Values<T>.Tensors, values, null);
    }

    /// <summary>Device memory, used as it is; to be kept until the run is done.</summary>
    /// <typeparam name="T">The element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <param name="name">The tensor's name.</param>
    /// <param name="memory">Of the runner's device.</param>
    /// <param name="shape">Of an input; null where it is the engine's, or follows from the number of elements.</param>
    public static TensorBinding Of<T>(string name, DeviceMemory<T> memory, Dims? shape = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(memory);
        return new TensorBinding(name, Values<T>.OnDevice, memory, shape);
    }

    /// <summary>Page-locked memory, which the run copies from or to; to be kept until the run is done.</summary>
    /// <typeparam name="T">The element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <param name="name">The tensor's name.</param>
    /// <param name="memory">For the runner's device.</param>
    /// <param name="shape">Of an input; null where it is the engine's, or follows from the number of elements.</param>
    public static TensorBinding Of<T>(string name, PinnedMemory<T> memory, Dims? shape = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(memory);
        return new TensorBinding(name, Values<T>.Pinned, memory, shape);
    }

    /// <summary>Memory of which only the address is known.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="pointer">Address on the device, aligned to 256 bytes; of shape tensors on the host.</param>
    /// <param name="byteLength">Bytes that may be used there.</param>
    /// <param name="shape">Of an input; null where it is the engine's.</param>
    public static TensorBinding Of(string name, nint pointer, long byteLength, Dims? shape = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(pointer);
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        return new TensorBinding(name, Addresses.Instance, null, shape, pointer, byteLength);
    }

    /// <summary>Gives an input its values.</summary>
    internal void Feed(InferenceTensor input) => kind!.Feed(this, input);

    /// <summary>Before the run, when an output's shape is known unless it depends on data: binds, or checks the room.</summary>
    internal void Offer(InferenceTensor output) => kind!.Offer(this, output);

    /// <summary>After the run: copies what was not written in place.</summary>
    internal void Take(InferenceTensor output) => kind!.Take(this, output);

    private interface IBindable
    {
        void Feed(in TensorBinding binding, InferenceTensor input);

        void Offer(in TensorBinding binding, InferenceTensor output);

        void Take(in TensorBinding binding, InferenceTensor output);
    }

    private static class Values<T>
        where T : unmanaged
    {
        public static readonly IBindable Arrays = new ArrayKind<T>();
        public static readonly IBindable Tensors = new TensorKind<T>();
        public static readonly IBindable OnDevice = new DeviceKind<T>();
        public static readonly IBindable Pinned = new PinnedKind<T>();
    }

    private sealed class ArrayKind<T> : IBindable
        where T : unmanaged
    {
        public void Feed(in TensorBinding binding, InferenceTensor input)
        {
            T[] values = (T[])binding.memory!;
            if (binding.shape is { } shape)
            {
                input.CopyFrom<T>(values, shape);
            }
            else
            {
                input.CopyFrom<T>(values);
            }
        }

        public void Offer(in TensorBinding binding, InferenceTensor output) => output.CheckRoom<T>(((T[])binding.memory!).Length);

        public void Take(in TensorBinding binding, InferenceTensor output) => output.CopyTo<T>((T[])binding.memory!);
    }

    private sealed class TensorKind<T> : IBindable
        where T : unmanaged
    {
        public void Feed(in TensorBinding binding, InferenceTensor input) => input.CopyFrom((Tensor<T>)binding.memory!);

        public void Offer(in TensorBinding binding, InferenceTensor output) => output.CheckRoom<T>(((Tensor<T>)binding.memory!).FlattenedLength);

        public void Take(in TensorBinding binding, InferenceTensor output) => output.CopyTo(((Tensor<T>)binding.memory!).AsTensorSpan());
    }

    private sealed class DeviceKind<T> : IBindable
        where T : unmanaged
    {
        public void Feed(in TensorBinding binding, InferenceTensor input) => input.Bind((DeviceMemory<T>)binding.memory!, binding.shape);

        public void Offer(in TensorBinding binding, InferenceTensor output) => output.Bind((DeviceMemory<T>)binding.memory!);

        public void Take(in TensorBinding binding, InferenceTensor output)
        {
        }
    }

    private sealed class PinnedKind<T> : IBindable
        where T : unmanaged
    {
        public void Feed(in TensorBinding binding, InferenceTensor input) => input.Bind((PinnedMemory<T>)binding.memory!, binding.shape);

        public void Offer(in TensorBinding binding, InferenceTensor output) => output.Bind((PinnedMemory<T>)binding.memory!);

        public void Take(in TensorBinding binding, InferenceTensor output)
        {
        }
    }

    private sealed class Addresses : IBindable
    {
        public static readonly Addresses Instance = new();

        public void Feed(in TensorBinding binding, InferenceTensor input) => input.Bind(binding.pointer, binding.byteLength, binding.shape);

        public void Offer(in TensorBinding binding, InferenceTensor output) => output.Bind(binding.pointer, binding.byteLength);

        public void Take(in TensorBinding binding, InferenceTensor output)
        {
        }
    }
}
