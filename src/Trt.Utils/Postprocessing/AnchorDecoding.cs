using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Makes boxes of the scores and deltas of a detector of the RetinaNet family, level by level: kernels on a GPU, the CPU in the stream of a host stand-in.</summary>
/// <remarks>
/// Of each level and picture the best scores above a threshold are selected, and only their boxes made, as NVIDIA's ODTK does: a box counts both of its end
/// pixels, its middle moves by the first two deltas times the anchor's size, its size is the anchor's times e to the next two, and its four edges are cut at
/// the picture's. Turned boxes carry their sine and cosine on, relative to the picture. What comes out is what <see cref="BoxSuppression"/> takes; unused
/// places have score 0. Owns the anchors' memory on its device. Safe to use from any thread; runs that may overlap need workspaces of their own.
/// </remarks>
public sealed class AnchorDecoding : IDisposable
{
    private readonly ImmutableArray<AnchorLevel> levels;
    private readonly TopKSelection[] selections;
    private readonly int[] firsts;
    private readonly DeviceMemory<float>[] anchors;
    private readonly long placesAt, selectionAt;

    /// <summary>Describes a decoding.</summary>
    /// <param name="pictures">Pictures of the batch, 0 to 65,535.</param>
    /// <param name="levels">The levels; turned boxes in all of them or in none.</param>
    /// <param name="scoreThreshold">Scores have to be greater than this, which is at least 0; ODTK's is 0.05.</param>
    /// <param name="bestOfLevel">The most boxes of a level and picture, up to <see cref="TopKSelection.MaxK"/>; ODTK's are 1000.</param>
    /// <param name="device">The device; <see cref="Device.Current"/> when null.</param>
    /// <exception cref="ArgumentException">A number is outside of its range.</exception>
    public AnchorDecoding(int pictures, IEnumerable<AnchorLevel> levels, float scoreThreshold = 0.05f, int bestOfLevel = 1000, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(levels);
        ArgumentOutOfRangeException.ThrowIfNegative(pictures);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pictures, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(bestOfLevel, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bestOfLevel, TopKSelection.MaxK);
        if (!(scoreThreshold >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(scoreThreshold), scoreThreshold, "Unused places have score 0, so the threshold must be at least 0.");
        }

        this.levels = [.. levels];
        if (this.levels.IsEmpty || this.levels.Any(level => level.IsRotated != this.levels[0].IsRotated))
        {
            throw new ArgumentException("Give at least one level; turned boxes are in all levels or in none.", nameof(levels));
        }

        Device = device ?? Device.Current;
        Pictures = pictures;
        ScoreThreshold = scoreThreshold;
        selections = new TopKSelection[this.levels.Length];
        firsts = new int[this.levels.Length];
        long best = 0, searching = 0;
        for (int i = 0; i < selections.Length; i++)
        {
            this.levels[i].Check();
            int scores = this.levels[i].ScoreCount;
            selections[i] = new TopKSelection(pictures, scores, Math.Min(bestOfLevel, scores));
            firsts[i] = Slots;
            Slots += selections[i].K;
            best = Math.Max(best, selections[i].K);
            searching = Math.Max(searching, selections[i].WorkspaceBytes);
        }

        placesAt = Aligned(4 * best * pictures);
        selectionAt = Aligned(placesAt + (4 * best * pictures));
        WorkspaceBytes = selectionAt + searching;
        anchors = [.. this.levels.Select(level => new DeviceMemory<float>(level.Anchors.Length, Device))];
        for (int i = 0; i < anchors.Length; i++)
        {
            anchors[i].CopyFrom(this.levels[i].Anchors.AsSpan());
        }
    }

    /// <summary>The device of the anchors; streams and memory must be of it.</summary>
    public Device Device { get; }

    /// <summary>Pictures of the batch.</summary>
    public int Pictures { get; }

    /// <summary>Scores have to be greater than this.</summary>
    public float ScoreThreshold { get; }

    /// <summary>Boxes of a picture, all levels together.</summary>
    public int Slots { get; }

    /// <summary>How many numbers a box has: left, top, right, bottom, and sine and cosine where it is turned.</summary>
    public int Coordinates => levels[0].Coordinates;

    /// <summary>Bytes of device memory that a run needs; levels that are decoded in one stream may share it.</summary>
    public long WorkspaceBytes { get; }

    /// <summary>Queues the decoding of a level. Allocates nothing.</summary>
    /// <param name="level">Which level, from 0.</param>
    /// <param name="scores">Scores [pictures, anchors · classes, height, width].</param>
    /// <param name="deltas">Deltas [pictures, anchors · 4 or 6, height, width].</param>
    /// <param name="boxes">Gets the level's part of the boxes [pictures, <see cref="Slots"/>, 4 or 6].</param>
    /// <param name="boxScores">Gets its part of their scores [pictures, <see cref="Slots"/>]; 0 where there is no box.</param>
    /// <param name="classes">Gets its part of their classes [pictures, <see cref="Slots"/>].</param>
    /// <param name="workspace">At least <see cref="WorkspaceBytes"/>, with any content.</param>
    /// <param name="stream">Where the work is queued.</param>
    /// <exception cref="ArgumentException">Memory is too short or of another device.</exception>
    public void Run(int level, DeviceMemory<float> scores, DeviceMemory<float> deltas, DeviceMemory<float> boxes, DeviceMemory<float> boxScores, DeviceMemory<int> classes, DeviceMemory<byte> workspace, CudaStream stream)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(level, levels.Length);
        AnchorLevel described = levels[level];
        KernelGrid.Check(anchors[level], stream, nameof(stream));
        KernelGrid.Check(scores, 4L * Pictures * described.ScoreCount, stream, nameof(scores));
        KernelGrid.Check(deltas, 4L * Pictures * described.DeltaCount, stream, nameof(deltas));
        KernelGrid.Check(boxes, 4L * Pictures * Slots * Coordinates, stream, nameof(boxes));
        KernelGrid.Check(boxScores, 4L * Pictures * Slots, stream, nameof(boxScores));
        KernelGrid.Check(classes, 4L * Pictures * Slots, stream, nameof(classes));
        KernelGrid.CheckWorkspace(workspace, WorkspaceBytes, stream);
        if (stream.Device.IsHost)
        {
            HostCall<AnchorTwin>.Queue(stream, new(described, ScoreThreshold, Pictures, firsts[level], Slots, selections[level].K, scores.Pointer, deltas.Pointer, boxes.Pointer, boxScores.Pointer, classes.Pointer));
        }
        else if (Pictures > 0)
        {
            Launch(level, scores.Pointer, deltas.Pointer, boxes.Pointer, boxScores.Pointer, classes.Pointer, workspace.Pointer, stream);
        }
    }

    /// <summary>Decodes a level of one picture in host memory. Allocates nothing but what the shared array pool keeps.</summary>
    /// <param name="level">The level.</param>
    /// <param name="scores">Scores [anchors · classes, height, width].</param>
    /// <param name="deltas">Deltas [anchors · 4 or 6, height, width].</param>
    /// <param name="scoreThreshold">Scores have to be greater than this.</param>
    /// <param name="boxes">Room for the boxes: 4 or 6 numbers for each of <paramref name="boxScores"/>.</param>
    /// <param name="boxScores">Gets the best scores in falling order; as many as there is room for.</param>
    /// <param name="classes">Gets their classes.</param>
    /// <returns>How many boxes were made.</returns>
    /// <exception cref="ArgumentException">Lengths do not go together.</exception>
    public static int Decode(AnchorLevel level, ReadOnlySpan<float> scores, ReadOnlySpan<float> deltas, float scoreThreshold, Span<float> boxes, Span<float> boxScores, Span<int> classes)
    {
        ArgumentNullException.ThrowIfNull(level);
        level.Check();
        if (scores.Length != level.ScoreCount || deltas.Length != level.DeltaCount || classes.Length != boxScores.Length || boxes.Length != (long)level.Coordinates * boxScores.Length)
        {
            throw new ArgumentException($"{scores.Length} scores, {deltas.Length} deltas and room for {boxes.Length} numbers, {boxScores.Length} scores and {classes.Length} classes do not fit a level of {level.ScoreCount} scores and {level.DeltaCount} deltas.", nameof(scores));
        }

        int[] rented = ArrayPool<int>.Shared.Rent(Math.Min(boxScores.Length, scores.Length));
        Span<int> places = rented.AsSpan(0, Math.Min(boxScores.Length, scores.Length));
        int found = HostScores.TopK(scores, places, scoreThreshold);
        int area = level.Height * level.Width;
        for (int i = 0; i < found; i++)
        {
            int channel = places[i] / area;
            boxScores[i] = scores[places[i]];
            classes[i] = channel % level.Classes;
            Box(level, deltas[(channel / level.Classes * level.Coordinates * area)..], places[i] % area, area, level.Anchors.AsSpan(channel / level.Classes * 4, 4), boxes.Slice(level.Coordinates * i, level.Coordinates));
        }

        ArrayPool<int>.Shared.Return(rented);
        return found;
    }

    /// <summary>Frees the anchors.</summary>
    public void Dispose() => Array.ForEach(anchors, memory => memory.Dispose());

    private static long Aligned(long bytes) => (bytes + 255) & ~255L;

    /// <summary>One box; as anchors_decode in native/kernels/boxes.cu.</summary>
    private static void Box(AnchorLevel level, ReadOnlySpan<float> deltas, int place, int area, ReadOnlySpan<float> anchor, Span<float> box)
    {
        double width = (double)anchor[2] - anchor[0] + 1;
        double height = (double)anchor[3] - anchor[1] + 1;
        double x = anchor[0] + (place % level.Width * (double)level.Stride) + (width / 2) + (deltas[place] * width);
        double y = anchor[1] + (place / level.Width * (double)level.Stride) + (height / 2) + (deltas[area + place] * height);
        width = DeviceNumbers.Exp(deltas[(2 * area) + place]) * width;
        height = DeviceNumbers.Exp(deltas[(3 * area) + place]) * height;
        double left = x - (width / 2), top = y - (height / 2), right = x + (width / 2) - 1, bottom = y + (height / 2) - 1;
        double furthest = (level.Width * (double)level.Stride) - 1, lowest = (level.Height * (double)level.Stride) - 1;
        box[0] = (float)(left < 0 ? 0 : left);
        box[1] = (float)(top < 0 ? 0 : top);
        box[2] = (float)(right > furthest ? furthest : right);
        box[3] = (float)(bottom > lowest ? lowest : bottom);
        for (int i = 4; i < box.Length; i++)
        {
            box[i] = deltas[(i * area) + place];
        }
    }

    private void Launch(int level, nint scores, nint deltas, nint boxes, nint boxScores, nint classes, nint workspace, CudaStream stream)
    {
        AnchorLevel described = levels[level];
        TopKSelection selection = selections[level];
        nint places = workspace + (nint)placesAt;
        selection.Launch(scores, workspace, places, workspace + (nint)selectionAt, ScoreThreshold, stream);
        KernelArguments arguments = new(stackalloc byte[128]);
        arguments.Add(workspace);
        arguments.Add(places);
        arguments.Add(deltas);
        arguments.Add(anchors[level].Pointer);
        arguments.Add(boxes);
        arguments.Add(boxScores);
        arguments.Add(classes);
        arguments.Add(
            new KernelLevel
            {
                Anchors = described.AnchorCount,
                Classes = described.Classes,
                Height = described.Height,
                Width = described.Width,
                Best = selection.K,
                First = firsts[level],
                Slots = Slots,
                Rotated = described.IsRotated ? 1 : 0,
                Stride = described.Stride,
                Threshold = ScoreThreshold,
            },
            alignment: 4);
        GpuKernels.Of(stream.Device, "boxes")["anchors_decode"].Launch(stream, new Dim3((uint)((selection.K + 127) / 128), (uint)Pictures), 128, arguments);
    }

    /// <summary>As Level in native/kernels/boxes.cu.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct KernelLevel
    {
        public int Anchors;
        public int Classes;
        public int Height;
        public int Width;
        public int Best;
        public int First;
        public int Slots;
        public int Rotated;
        public float Stride;
        public float Threshold;
    }
}
