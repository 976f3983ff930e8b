using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Softmax and argmax of scores in device memory: kernels on a GPU, <see cref="HostScores"/> in the stream of a host stand-in.</summary>
/// <remarks>
/// Each method queues its work and returns; nothing is allocated, and a graph can record it. The memory must stay until the stream has passed it. On a GPU
/// results are within 2·10⁻⁶ of the true value, relatively, and equal from run to run. Safe to use from any thread.
/// </remarks>
public static class DeviceScores
{
    private const int ShortRow = 32;

    /// <summary>Softmax along an axis.</summary>
    /// <param name="scores">Values [outer, extent, inner] on the stream's device.</param>
    /// <param name="extent">Places on the axis, at least 1.</param>
    /// <param name="inner">Product of the extents behind the axis; 1 for the last axis.</param>
    /// <param name="probabilities">As many values; may be the same memory. A line that holds not-a-number or +∞, or nothing but −∞, becomes not-a-number.</param>
    /// <param name="stream">Where the work is queued.</param>
    /// <exception cref="ArgumentException">Lengths or devices do not go together.</exception>
    public static void Softmax(DeviceMemory<float> scores, int extent, int inner, DeviceMemory<float> probabilities, CudaStream stream)
    {
        long lines = Check(scores, scores?.Length ?? 0, extent, inner, probabilities, stream);
        CheckRoom(scores!.Length, probabilities.Length, nameof(probabilities));
        if (stream.Device.IsHost)
        {
            HostCall<SoftmaxTwin<float>>.Queue(stream, new(scores.Pointer, probabilities.Pointer, scores.Length, extent, inner));
        }
        else if (lines > 0)
        {
            Launch(stream, "softmax_rows_float", "softmax_lines_float", scores.Pointer, probabilities.Pointer, lines, extent, inner);
        }
    }

    /// <summary>Softmax of half-precision scores, computed in single precision.</summary>
    /// <param name="scores">Values [outer, extent, inner] on the stream's device.</param>
    /// <param name="extent">Places on the axis, at least 1.</param>
    /// <param name="inner">Product of the extents behind the axis; 1 for the last axis.</param>
    /// <param name="probabilities">As many values; may be the same memory.</param>
    /// <param name="stream">Where the work is queued.</param>
    /// <exception cref="ArgumentException">Lengths or devices do not go together.</exception>
    public static void Softmax(DeviceMemory<Half> scores, int extent, int inner, DeviceMemory<Half> probabilities, CudaStream stream)
    {
        long lines = Check(scores, scores?.Length ?? 0, extent, inner, probabilities, stream);
        CheckRoom(scores!.Length, probabilities.Length, nameof(probabilities));
        if (stream.Device.IsHost)
        {
            HostCall<SoftmaxTwin<Half>>.Queue(stream, new(scores.Pointer, probabilities.Pointer, scores.Length, extent, inner));
        }
        else if (lines > 0)
        {
            Launch(stream, "softmax_rows_half", "softmax_lines_half", scores.Pointer, probabilities.Pointer, lines, extent, inner);
        }
    }

    /// <summary>The place of the greatest score of each line along an axis; of equal ones (−0 and 0 are) the first. Not-a-number counts as greater than all numbers.</summary>
    /// <param name="scores">Values [outer, extent, inner] on the stream's device.</param>
    /// <param name="extent">Places on the axis, at least 1.</param>
    /// <param name="inner">Product of the extents behind the axis; 1 for the last axis.</param>
    /// <param name="places">Gets the places [outer, inner], counted along the axis.</param>
    /// <param name="stream">Where the work is queued.</param>
    /// <exception cref="ArgumentException">Lengths or devices do not go together.</exception>
    public static void Argmax(DeviceMemory<float> scores, int extent, int inner, DeviceMemory<int> places, CudaStream stream)
    {
        long lines = Check(scores, scores?.Length ?? 0, extent, inner, places, stream);
        CheckRoom(lines, places.Length, nameof(places));
        if (stream.Device.IsHost)
        {
            HostCall<ArgmaxTwin<float>>.Queue(stream, new(scores!.Pointer, places.Pointer, scores.Length, extent, inner));
        }
        else if (lines > 0)
        {
            Launch(stream, "argmax_rows_float", "argmax_lines_float", scores!.Pointer, places.Pointer, lines, extent, inner);
        }
    }

    /// <summary>The place of the greatest half-precision score of each line along an axis.</summary>
    /// <param name="scores">Values [outer, extent, inner] on the stream's device.</param>
    /// <param name="extent">Places on the axis, at least 1.</param>
    /// <param name="inner">Product of the extents behind the axis; 1 for the last axis.</param>
    /// <param name="places">Gets the places [outer, inner], counted along the axis.</param>
    /// <param name="stream">Where the work is queued.</param>
    /// <exception cref="ArgumentException">Lengths or devices do not go together.</exception>
    public static void Argmax(DeviceMemory<Half> scores, int extent, int inner, DeviceMemory<int> places, CudaStream stream)
    {
        long lines = Check(scores, scores?.Length ?? 0, extent, inner, places, stream);
        CheckRoom(lines, places.Length, nameof(places));
        if (stream.Device.IsHost)
        {
            HostCall<ArgmaxTwin<Half>>.Queue(stream, new(scores!.Pointer, places.Pointer, scores.Length, extent, inner));
        }
        else if (lines > 0)
        {
            Launch(stream, "argmax_rows_half", "argmax_lines_half", scores!.Pointer, places.Pointer, lines, extent, inner);
        }
    }

    private static void Launch(CudaStream stream, string rows, string perLine, nint from, nint to, long lines, int extent, int inner)
    {
        GpuKernels kernels = GpuKernels.Of(stream.Device, "scores");
        KernelArguments arguments = new(stackalloc byte[32]);
        arguments.Add(from);
        arguments.Add(to);
        if (inner == 1 && extent > ShortRow)
        {
            arguments.Add(extent);
            kernels[rows].Launch(stream, checked((uint)lines), 256, arguments);
            return;
        }

        arguments.Add(lines);
        arguments.Add(extent);
        arguments.Add(inner);
        kernels[perLine].Launch(stream, KernelGrid.Blocks(lines), KernelGrid.Threads, arguments);
    }

    private static long Check(DeviceMemory? scores, long length, int extent, int inner, DeviceMemory results, CudaStream stream)
    {
        KernelGrid.Check(scores, stream, nameof(scores));
        KernelGrid.Check(results, stream, nameof(results));
        ArgumentOutOfRangeException.ThrowIfLessThan(extent, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inner, 1);
        long block = (long)extent * inner;
        long lines = length / extent;
        if (length % block != 0 || (lines > int.MaxValue && inner == 1))
        {
            throw new ArgumentException($"{length} scores are no whole number of blocks of {extent} x {inner}, or more than 2,147,483,647 rows.", nameof(extent));
        }

        return lines;
    }

    private static void CheckRoom(long wanted, long room, string parameter)
    {
        if (wanted != room)
        {
            throw new ArgumentException($"There is room for {room} results; {wanted} are needed.", parameter);
        }
    }
}
