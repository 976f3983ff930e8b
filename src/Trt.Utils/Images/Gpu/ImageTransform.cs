using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>
/// Makes one tensor of a batch of pictures of any sizes in device memory: resize, crop or letterbox, scale, order of channels, layout and type in
/// one pass. On a GPU by a kernel, on <see cref="Device.Host"/> by the CPU; the results are the same to the bit.
/// </summary>
/// <remarks>
/// Resizing is Pillow's, with sums rounded to bytes; the tensor's value of each byte is computed beforehand, so scaling and type cost nothing more.
/// Calls on several streams run side by side; memory of four calls is kept, and a fifth waits for the first. After the largest batch was seen, a
/// call on a GPU allocates nothing. Safe to use from any thread. Formulas: <see cref="PixelScaling"/>.
/// </remarks>
public sealed class ImageTransform : IDisposable
{
    private const int CallsAtOnce = 4;

    /// <summary>A grid's limit is 65,535 blocks along y, and a picture has two axes there.</summary>
    private const int MostPictures = 32_767;

    private readonly Lock gate = new();
    private readonly ImageTransformSlot[] slots = [];
    private readonly byte[] table;
    private readonly DeviceMemory<byte>? deviceTable;
    private readonly CudaKernel? weights;
    private readonly CudaKernel? transform;
    private int next;
    private bool isDisposed;

    /// <summary>Prepares the work.</summary>
    /// <param name="options">What is made of pictures.</param>
    /// <param name="device">Where; <see cref="Device.Current"/> when null.</param>
    /// <exception cref="ArgumentException">The options contradict each other; the message says which.</exception>
    /// <exception cref="NotSupportedException">The GPU is older than Turing or the driver does not take the kernels.</exception>
    public ImageTransform(ImageTransformOptions options, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        Options = options;
        Device = device ?? Device.Current;
        table = ElementTable.Make(options);
        if (Device.IsHost)
        {
            return;
        }

        GpuKernels kernels = GpuKernels.Of(Device, "image");
        weights = kernels["image_weights"];
        transform = kernels[ElementTable.ElementSize(options.Type) switch { 1 => "image_transform_8", 2 => "image_transform_16", _ => "image_transform_32" }];
        deviceTable = new DeviceMemory<byte>(table.Length, Device);
        deviceTable.CopyFrom(table);
        Device.DefaultStream.Synchronize(); // the copy returns when the bytes are staged, and streams do not wait for it
        slots = new ImageTransformSlot[CallsAtOnce];
        for (int i = 0; i < CallsAtOnce; i++)
        {
            slots[i] = new ImageTransformSlot(Device);
        }
    }

    /// <summary>What is made of pictures.</summary>
    public ImageTransformOptions Options { get; }

    /// <summary>Where.</summary>
    public Device Device { get; }

    /// <summary>Elements of the tensor for each picture: channels × height × width.</summary>
    public long ElementsPerImage => (long)Options.Channels * Options.Height * Options.Width;

    /// <summary>Queues the work for a batch.</summary>
    /// <typeparam name="T">A type of the size of the tensor's elements: <c>float</c>, <see cref="Half"/>, <c>byte</c>, <c>sbyte</c>, <c>ushort</c> for bfloat16.</typeparam>
    /// <param name="images">Pictures in memory of <see cref="Device"/>, valid until the stream has passed the work; empty ones become padding.</param>
    /// <param name="output">The tensor, [N, C, H, W] or [N, H, W, C] by the scaling's layout; at least <see cref="ElementsPerImage"/> × the pictures.</param>
    /// <param name="stream">A stream of the device.</param>
    /// <exception cref="ArgumentException">The output is too short or of elements of another size, or a picture cannot be read; the message names it.</exception>
    /// <exception cref="CudaException">The device has too little memory, or the stream records a graph.</exception>
    public unsafe void Enqueue<T>(ReadOnlySpan<DeviceImage> images, DeviceMemory<T> output, CudaStream stream)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(output);
        if (sizeof(T) != ElementTable.ElementSize(Options.Type))
        {
            throw new ArgumentException($"A tensor of {Options.Type} has elements of {ElementTable.ElementSize(Options.Type)} bytes, but {typeof(T).Name} has {sizeof(T)}.", nameof(output));
        }

        if (output.Device != Device)
        {
            throw new ArgumentException($"The output is on {output.Device}, the transform on {Device}. Make both with the same device.", nameof(output));
        }

        Enqueue(images, output.Pointer, output.ByteLength, stream);
    }

    /// <summary>Queues the work for a batch, into memory of somebody else.</summary>
    /// <param name="images">As for the other overload.</param>
    /// <param name="output">The tensor's address on <see cref="Device"/>, aligned to its elements.</param>
    /// <param name="outputBytes">How many bytes may be written there.</param>
    /// <param name="stream">A stream of the device.</param>
    /// <exception cref="ArgumentException">As for the other overload.</exception>
    /// <exception cref="CudaException">As for the other overload.</exception>
    public void Enqueue(ReadOnlySpan<DeviceImage> images, nint output, long outputBytes, CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(isDisposed, this);
        int size = ElementTable.ElementSize(Options.Type);
        if (stream.Device != Device)
        {
            throw new ArgumentException($"The stream is of {stream.Device}, the transform on {Device}. Make both with the same device.", nameof(stream));
        }

        if (images.Length > MostPictures)
        {
            throw new ArgumentException($"{images.Length} pictures are more than {MostPictures}, which one call can take.", nameof(images));
        }

        if (images.Length > outputBytes / size / ElementsPerImage)
        {
            throw new ArgumentException($"{images.Length} pictures become {images.Length * ElementsPerImage * size} bytes, more than the output's {outputBytes}.", nameof(outputBytes));
        }

        if (output == 0 || output % size != 0)
        {
            throw new ArgumentException($"The output's address 0x{output:x} is null or not a multiple of the element's {size} bytes.", nameof(output));
        }

        if (images.IsEmpty)
        {
            return;
        }

        if (Device.IsHost)
        {
            ImageTransformOnHost.Enqueue(images, Options, table, output, stream);
            return;
        }

        if (stream.IsCapturing)
        {
            throw new CudaException(CudaResult.StreamCaptureUnsupported, "ImageTransform.Enqueue", "A graph would repeat the sizes and addresses of this call from memory that later calls use.");
        }

        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            ImageTransformSlot slot = slots[next];
            slot.Fill(images, Options, stream);
            next = (next + 1) % CallsAtOnce;
            try
            {
                Launch(slot, images.Length, output, stream);
            }
            finally
            {
                slot.Queued(stream);
            }
        }
    }

    /// <summary>Waits for queued work and frees the memory.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isDisposed)
            {
                return;
            }

            isDisposed = true;
            Array.ForEach(slots, slot => slot.Dispose());
            deviceTable?.Dispose();
        }
    }

    private void Launch(ImageTransformSlot slot, int count, nint output, CudaStream stream)
    {
        const uint Lanes = 64, Columns = 32, Rows = 8;
        Span<byte> buffer = stackalloc byte[64];
        if (slot.AxisCount > 0 && Options.Filter != ResizeFilter.Nearest)
        {
            KernelArguments first = new(buffer);
            first.Add(slot.Axes);
            first.Add(slot.Workspace);
            first.Add(Options.Filter == ResizeFilter.Bilinear ? 1 : 0);
            weights!.Launch(stream, new Dim3(((uint)slot.MostPixels + Lanes - 1) / Lanes, (uint)slot.AxisCount), Lanes, first);
        }

        KernelArguments arguments = new(buffer);
        arguments.Add(slot.Jobs);
        arguments.Add(slot.Axes);
        arguments.Add(slot.Workspace);
        arguments.Add(deviceTable!.Pointer);
        arguments.Add(output);
        arguments.Add(Options.Width);
        arguments.Add(Options.Height);
        arguments.Add(Options.Channels);
        arguments.Add(Options.Scaling.Bgr ? 1 : 0);
        arguments.Add(Options.Scaling.Layout == TensorLayout.ChannelsLast ? 1 : 0);
        transform!.Launch(stream, new Dim3(((uint)Options.Width + Columns - 1) / Columns, ((uint)Options.Height + Rows - 1) / Rows, (uint)count), new Dim3(Columns, Rows), arguments);
    }
}
