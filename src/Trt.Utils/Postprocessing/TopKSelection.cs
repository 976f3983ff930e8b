using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>The k greatest scores of each row and their places, in falling order: kernels on a GPU, <see cref="HostScores.TopK"/> in the stream of a host stand-in.</summary>
/// <remarks>
/// Of equal scores (−0 and 0 are) the one with the lower place comes first; not-a-number counts as greater than all numbers. So results are the same on every
/// device. Rows of up to 2048 scores are sorted by a block each; in longer ones the score of rank k is searched digit by digit, by histograms, and only those
/// from it on are sorted. Safe to use from any thread; runs that may overlap need workspaces of their own.
/// </remarks>
public sealed class TopKSelection
{
    /// <summary>The most scores of a row that can be selected, as in TensorRT.</summary>
    public const int MaxK = 3840;

    private const int Narrow = 2048;
    private const long SearchBytes = 24 + (4 * 2048);

    private readonly int placeBits;

    /// <summary>Describes a selection.</summary>
    /// <param name="rows">Rows, at least 0.</param>
    /// <param name="width">Scores of a row, at least 1.</param>
    /// <param name="k">How many are selected, 1 to <see cref="MaxK"/> and at most the width.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside of its range.</exception>
    public TopKSelection(int rows, int width, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, Math.Min(width, MaxK));
        if (width > Narrow && rows > ushort.MaxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(rows), rows, "At most 65,535 rows of more than 2048 scores are searched at once; select from a part of them at a time.");
        }

        Rows = rows;
        Width = width;
        K = k;
        placeBits = 32 - int.LeadingZeroCount(width - 1);
        WorkspaceBytes = width > Narrow ? rows * (SearchBytes + (8L * k)) : 0;
    }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Scores of a row.</summary>
    public int Width { get; }

    /// <summary>How many are selected of each.</summary>
    public int K { get; }

    /// <summary>Bytes of device memory that a run needs; 0 where rows are short.</summary>
    public long WorkspaceBytes { get; }

    /// <summary>Queues the selection. Allocates nothing.</summary>
    /// <param name="scores">Scores [rows, width] on the stream's device.</param>
    /// <param name="values">Gets the greatest scores [rows, k].</param>
    /// <param name="places">Gets their places in their rows [rows, k].</param>
    /// <param name="workspace">At least <see cref="WorkspaceBytes"/>, with any content; null where that is 0.</param>
    /// <param name="stream">Where the work is queued.</param>
    /// <exception cref="ArgumentException">Memory is too short or of another device.</exception>
    public void Run(DeviceMemory<float> scores, DeviceMemory<float> values, DeviceMemory<int> places, DeviceMemory<byte>? workspace, CudaStream stream)
    {
        KernelGrid.Check(scores, 4L * Rows * Width, stream, nameof(scores));
        KernelGrid.Check(values, 4L * Rows * K, stream, nameof(values));
        KernelGrid.Check(places, 4L * Rows * K, stream, nameof(places));
        KernelGrid.CheckWorkspace(workspace, WorkspaceBytes, stream);
        if (stream.Device.IsHost)
        {
            HostCall<TopKTwin>.Queue(stream, new(scores.Pointer, values.Pointer, places.Pointer, Rows, Width, K));
        }
        else
        {
            Launch(scores.Pointer, values.Pointer, places.Pointer, workspace?.Pointer ?? 0, null, stream);
        }
    }

    /// <summary>Launches the kernels.</summary>
    /// <param name="scores">Scores.</param>
    /// <param name="values">Gets the greatest.</param>
    /// <param name="places">Gets their places.</param>
    /// <param name="workspace">Where they compute.</param>
    /// <param name="floor">Scores that do not exceed it, and not-a-number, come behind all others.</param>
    /// <param name="stream">A GPU's stream.</param>
    internal void Launch(nint scores, nint values, nint places, nint workspace, float? floor, CudaStream stream)
    {
        if (Rows == 0)
        {
            return;
        }

        GpuKernels kernels = GpuKernels.Of(stream.Device, "scores");
        Span<byte> room = stackalloc byte[64];
        KernelArguments arguments = new(room);
        if (Width <= Narrow)
        {
            arguments.Add(scores);
            arguments.Add(values);
            arguments.Add(places);
            arguments.Add(Width);
            arguments.Add(K);
            AddFloor(ref arguments, floor);
            kernels["topk_narrow"].Launch(stream, (uint)Rows, Width <= 512 ? 256u : 512u, arguments);
            return;
        }

        // Bits of places above those that differ are set in all keys.
        arguments.Add(workspace);
        arguments.Add(K);
        arguments.Add(placeBits == 32 ? 0 : uint.MaxValue << placeBits);
        kernels["topk_begin"].Launch(stream, (uint)Rows, 256, arguments);

        Dim3 grid = new((uint)Math.Clamp(Width / 2048, 1, 512), (uint)Rows);
        int digits = (placeBits + 10) / 11;
        Digit(53, 11);
        Digit(42, 11);
        Digit(32, 10);
        for (int i = digits, above = placeBits; i > 0; i--)
        {
            int bits = (above + i - 1) / i;
            above -= bits;
            Digit(above, bits);
        }

        arguments = new(room);
        arguments.Add(scores);
        arguments.Add(workspace);
        arguments.Add(Width);
        arguments.Add(K);
        AddFloor(ref arguments, floor);
        kernels["topk_collect"].Launch(stream, grid, 256, arguments);

        arguments = new(room);
        arguments.Add(scores);
        arguments.Add(workspace);
        arguments.Add(values);
        arguments.Add(places);
        arguments.Add(Width);
        arguments.Add(K);
        kernels["topk_sort"].Launch(stream, (uint)Rows, K <= 512 ? 256u : 1024u, arguments);

        void Digit(int shift, int bits)
        {
            KernelArguments search = new(stackalloc byte[64]);
            search.Add(scores);
            search.Add(workspace);
            search.Add(Width);
            search.Add(K);
            search.Add(shift);
            search.Add(bits);
            AddFloor(ref search, floor);
            kernels["topk_digit"].Launch(stream, grid, 256, search);
        }
    }

    private static void AddFloor(ref KernelArguments arguments, float? floor)
    {
        arguments.Add(floor is null ? 0 : 1);
        arguments.Add(floor.GetValueOrDefault());
    }
}
