using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Memory of one input of one context for pictures on their way to the device, and for the tensor that is made of them.</summary>
internal sealed unsafe class PictureMemory(Device device) : IDisposable
{
    private PinnedMemory<byte>? staging;
    private DeviceMemory<byte>? pixels;
    private DeviceMemory<byte>? tensor;
    private DeviceImage[] images = [];
    private CudaStream? busy;
    private long used;
    private int count;

    /// <summary>The tensor's address.</summary>
    public nint Tensor => tensor!.Pointer;

    /// <summary>Begins a run.</summary>
    /// <param name="rows">Places of the tensor; those without a picture become padding.</param>
    /// <param name="tensorBytes">Bytes of the tensor.</param>
    /// <param name="pixelBytes">Bytes of all pictures.</param>
    public void Begin(int rows, long tensorBytes, long pixelBytes)
    {
        // A run that failed half way may still be reading.
        busy?.Synchronize();
        busy = null;
        long needed = Math.Max(1, pixelBytes + (rows * Alignment));
        if (pixels is null || pixels.ByteLength < needed)
        {
            staging?.Dispose();
            pixels?.Dispose();
            (staging, pixels) = (null, null);
            staging = new PinnedMemory<byte>(checked((int)needed), device);
            pixels = new DeviceMemory<byte>(needed, device);
        }

        if (tensor is null || tensor.ByteLength < tensorBytes)
        {
            tensor?.Dispose();
            tensor = null;
            tensor = new DeviceMemory<byte>(tensorBytes, device);
        }

        if (images.Length < rows)
        {
            images = new DeviceImage[rows];
        }

        Array.Clear(images);
        (used, count) = (0, rows);
    }

    /// <summary>Adds the picture of a place.</summary>
    public void Add(int row, Image image)
    {
        ReadOnlySpan<byte> data = image.Data;
        data.CopyTo(staging!.Span[(int)used..]);
        images[row] = new DeviceImage(pixels!.Pointer + (nint)used, image.Width, image.Height, (long)data.Length / image.Height, image.Format);
        used += (data.Length + Alignment - 1) / Alignment * Alignment;
    }

    /// <summary>Queues the copy and the making of the tensor.</summary>
    public void Enqueue(ImageTransform transform, CudaStream stream)
    {
        busy = stream;
        pixels!.CopyFromAsync((byte*)staging!.Pointer, used, stream);
        transform.Enqueue(images.AsSpan(0, count), tensor!.Pointer, tensor.ByteLength, stream);
    }

    /// <summary>The run is done.</summary>
    public void Done() => busy = null;

    public void Dispose()
    {
        staging?.Dispose();
        pixels?.Dispose();
        tensor?.Dispose();
    }

    private const int Alignment = 16;
}
