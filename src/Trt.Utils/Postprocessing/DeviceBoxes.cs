using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>What is done with boxes in device memory besides suppression: kernels on a GPU, the CPU in the stream of a host stand-in, with the same bits.</summary>
/// <remarks>Each method queues its work and returns; nothing is allocated, and a graph can record it. The memory must stay until the stream has passed it. Safe to use from any thread.</remarks>
public static class DeviceBoxes
{
    /// <summary>Changes the form of boxes.</summary>
    /// <param name="boxes">Numbers of the boxes.</param>
    /// <param name="numbers">How many a box has, at least 4; those behind the first four are carried over.</param>
    /// <param name="from">What the first four are.</param>
    /// <param name="to">What they become.</param>
    /// <param name="converted">As many numbers; may be the same memory.</param>
    /// <param name="stream">Where the work is queued.</param>
    /// <exception cref="ArgumentException">Lengths or devices do not go together.</exception>
    public static void Convert(DeviceMemory<float> boxes, int numbers, BoxForm from, BoxForm to, DeviceMemory<float> converted, CudaStream stream)
    {
        long count = Count(boxes, numbers, stream);
        KernelGrid.Check(converted, boxes.ByteLength, stream, nameof(converted));
        if (stream.Device.IsHost)
        {
            HostCall<ConvertTwin>.Queue(stream, new(boxes.Pointer, converted.Pointer, count, numbers, from, to));
            return;
        }

        KernelArguments arguments = new(stackalloc byte[64]);
        arguments.Add(boxes.Pointer);
        arguments.Add(converted.Pointer);
        arguments.Add(count);
        arguments.Add(numbers);
        arguments.Add((int)from);
        arguments.Add((int)to);
        Launch("boxes_convert", count, arguments, stream);
    }

    /// <summary>Moves the edges of boxes that lie outside of the picture onto its edge, in place.</summary>
    /// <param name="boxes">Numbers of the boxes, of which the first four are left, top, right, bottom.</param>
    /// <param name="numbers">How many a box has, at least 4.</param>
    /// <param name="width">The greatest x; the least is 0.</param>
    /// <param name="height">The greatest y; the least is 0.</param>
    /// <param name="stream">Where the work is queued.</param>
    /// <exception cref="ArgumentException">The numbers are no whole boxes, or devices differ.</exception>
    public static void Clamp(DeviceMemory<float> boxes, int numbers, float width, float height, CudaStream stream)
    {
        long count = Count(boxes, numbers, stream);
        if (stream.Device.IsHost)
        {
            HostCall<ClampTwin>.Queue(stream, new(boxes.Pointer, count, numbers, width, height));
            return;
        }

        KernelArguments arguments = new(stackalloc byte[64]);
        arguments.Add(boxes.Pointer);
        arguments.Add(count);
        arguments.Add(numbers);
        arguments.Add(width);
        arguments.Add(height);
        Launch("boxes_clamp", count, arguments, stream);
    }

    /// <summary>Intersection over union of pairs of boxes.</summary>
    /// <param name="one">Numbers [pairs, 4, 5 or 6].</param>
    /// <param name="other">As many.</param>
    /// <param name="form">What the first four of a box are.</param>
    /// <param name="rotation">What follows them.</param>
    /// <param name="overlaps">Gets one for each pair, 0 to 1.</param>
    /// <param name="stream">Where the work is queued.</param>
    /// <exception cref="ArgumentException">Lengths or devices do not go together.</exception>
    public static void Overlaps(DeviceMemory<float> one, DeviceMemory<float> other, BoxForm form, BoxRotation rotation, DeviceMemory<float> overlaps, CudaStream stream)
    {
        long count = Count(one, BoxGeometry.Numbers(rotation), stream);
        KernelGrid.Check(other, one.ByteLength, stream, nameof(other));
        KernelGrid.Check(overlaps, 4 * count, stream, nameof(overlaps));
        if (stream.Device.IsHost)
        {
            HostCall<OverlapTwin>.Queue(stream, new(one.Pointer, other.Pointer, overlaps.Pointer, count, form, rotation));
            return;
        }

        KernelArguments arguments = new(stackalloc byte[64]);
        arguments.Add(one.Pointer);
        arguments.Add(other.Pointer);
        arguments.Add(overlaps.Pointer);
        arguments.Add(count);
        arguments.Add((int)form);
        arguments.Add((int)rotation);
        arguments.Add(0f);
        Launch("boxes_overlaps", count, arguments, stream);
    }

    /// <summary>Takes rows by their places, as <see cref="BoxSuppression"/> gives them: of boxes, scores or classes.</summary>
    /// <typeparam name="T">A type of four bytes.</typeparam>
    /// <param name="rows">Rows [pictures, count, width].</param>
    /// <param name="places">Places [pictures, wanted] in their picture's rows; a negative one, or one behind the last row, stands for a row of zeros.</param>
    /// <param name="pictures">Pictures, at least 1.</param>
    /// <param name="width">Elements of a row, at least 1.</param>
    /// <param name="taken">Gets the rows [pictures, wanted, width].</param>
    /// <param name="stream">Where the work is queued.</param>
    /// <exception cref="ArgumentException">Lengths or devices do not go together, or an element has no four bytes.</exception>
    public static unsafe void TakeRows<T>(DeviceMemory<T> rows, DeviceMemory<int> places, int pictures, int width, DeviceMemory<T> taken, CudaStream stream)
        where T : unmanaged
    {
        KernelGrid.Check(rows, stream, nameof(rows));
        KernelGrid.Check(places, stream, nameof(places));
        ArgumentOutOfRangeException.ThrowIfLessThan(pictures, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        KernelGrid.Check(taken, 4L * places.Length * width, stream, nameof(taken));
        if (sizeof(T) != 4 || rows.Length % ((long)pictures * width) != 0 || places.Length % pictures != 0)
        {
            throw new ArgumentException($"{rows} and {places} are no rows of {width} elements of four bytes and places for {pictures} pictures.", nameof(rows));
        }

        int count = checked((int)(rows.Length / width / pictures));
        int wanted = checked((int)(places.Length / pictures));
        if (stream.Device.IsHost)
        {
            HostCall<TakeTwin>.Queue(stream, new(rows.Pointer, places.Pointer, taken.Pointer, count, wanted, width, pictures));
            return;
        }

        KernelArguments arguments = new(stackalloc byte[64]);
        arguments.Add(rows.Pointer);
        arguments.Add(places.Pointer);
        arguments.Add(taken.Pointer);
        arguments.Add(count);
        arguments.Add(wanted);
        arguments.Add(width);
        arguments.Add(pictures);
        Launch("boxes_take", places.Length * width, arguments, stream);
    }

    private static long Count(DeviceMemory<float> boxes, int numbers, CudaStream stream)
    {
        KernelGrid.Check(boxes, stream, nameof(boxes));
        ArgumentOutOfRangeException.ThrowIfLessThan(numbers, 4);
        return boxes.Length % numbers == 0 ? boxes.Length / numbers : throw new ArgumentException($"{boxes} holds no whole boxes of {numbers} numbers.", nameof(boxes));
    }

    private static void Launch(string kernel, long elements, in KernelArguments arguments, CudaStream stream)
    {
        if (elements > 0)
        {
            GpuKernels.Of(stream.Device, "boxes")[kernel].Launch(stream, KernelGrid.Blocks(elements), KernelGrid.Threads, arguments);
        }
    }
}
