using System.Buffers;
using System.Runtime.InteropServices;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>
/// Non-maximum suppression of a batch: goes through each picture's boxes in falling order of score (of equal ones the first comes first) and drops each that
/// overlaps one that was kept by more than the threshold. Kernels on a GPU, the CPU in the stream of a host stand-in.
/// </summary>
/// <remarks>
/// Results are the same from run to run. Upright overlaps are computed in single, turned ones in double precision, on the GPU as on the CPU by the same
/// operations in the same order, so both keep the same boxes. Safe to use from any thread; runs that may overlap need workspaces of their own.
/// </remarks>
public sealed class BoxSuppression
{
    /// <summary>The most candidates of a picture.</summary>
    public const int MaxCandidates = 65536;

    private readonly KernelTask task;
    private readonly long keysAt, orderAt, kindsAt, boxesAt, masksAt;

    /// <summary>Describes a suppression.</summary>
    /// <param name="pictures">Pictures of the batch, 0 to 65,535.</param>
    /// <param name="boxes">Boxes of each, at least 1.</param>
    /// <param name="kept">The most that are kept of each, at least 1.</param>
    /// <param name="rule">What is dropped.</param>
    /// <param name="candidates">
    /// The most boxes of a picture that are compared with each other, those of the greatest scores; null: all, up to <see cref="MaxCandidates"/>. The workspace
    /// holds a bit for each pair of them.
    /// </param>
    /// <exception cref="ArgumentException">A number is outside of its range.</exception>
    public BoxSuppression(int pictures, int boxes, int kept, SuppressionRule rule, int? candidates = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pictures);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pictures, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(boxes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kept, 1);
        rule.Check();
        int most = candidates ?? Math.Min(boxes, MaxCandidates);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1, nameof(candidates));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(most, MaxCandidates, nameof(candidates));
        Pictures = pictures;
        Boxes = boxes;
        Kept = kept;
        Rule = rule;
        Candidates = Math.Min(most, boxes);
        task = new KernelTask
        {
            Boxes = boxes,
            Candidates = Candidates,
            Words = (Candidates + 63) / 64,
            Kept = kept,
            Form = rule.Form,
            Rotation = rule.Rotation,
            Agnostic = rule.AcrossClasses ? 1 : 0,
            ScoreThreshold = rule.ScoreThreshold ?? float.NaN,
            OverlapThreshold = rule.OverlapThreshold,
            Pixel = rule.CountsEndPixels ? 1 : 0,
        };
        keysAt = Aligned(4L * pictures);
        orderAt = Aligned(keysAt + (8L * pictures * boxes));
        kindsAt = Aligned(orderAt + (4L * pictures * Candidates));
        boxesAt = Aligned(kindsAt + (4L * pictures * Candidates));
        masksAt = Aligned(boxesAt + ((rule.Rotation == BoxRotation.None ? 16L : 48) * pictures * Candidates));
        WorkspaceBytes = masksAt + (8L * pictures * Candidates * task.Words);
    }

    /// <summary>Pictures of the batch.</summary>
    public int Pictures { get; }

    /// <summary>Boxes of each.</summary>
    public int Boxes { get; }

    /// <summary>The most that are kept of each.</summary>
    public int Kept { get; }

    /// <summary>The most boxes of a picture that are compared with each other.</summary>
    public int Candidates { get; }

    /// <summary>What is dropped.</summary>
    public SuppressionRule Rule { get; }

    /// <summary>Bytes of device memory that a run needs. The host stand-in uses none of them.</summary>
    public long WorkspaceBytes { get; }

    /// <summary>Queues the suppression. Allocates nothing.</summary>
    /// <param name="boxes">Numbers [pictures, boxes, 4, 5 or 6] on the stream's device, in the rule's form.</param>
    /// <param name="scores">Scores [pictures, boxes].</param>
    /// <param name="classes">Classes [pictures, boxes]: boxes of different classes do not suppress each other. Null: all are of one class.</param>
    /// <param name="kept">Gets the kept boxes' places [pictures, kept] in falling order of score, and −1 behind the last.</param>
    /// <param name="counts">Gets how many were kept of each picture.</param>
    /// <param name="workspace">At least <see cref="WorkspaceBytes"/>, with any content.</param>
    /// <param name="stream">Where the work is queued.</param>
    /// <exception cref="ArgumentException">Memory is too short or of another device.</exception>
    public void Run(DeviceMemory<float> boxes, DeviceMemory<float> scores, DeviceMemory<int>? classes, DeviceMemory<int> kept, DeviceMemory<int> counts, DeviceMemory<byte> workspace, CudaStream stream)
    {
        KernelGrid.Check(boxes, 4L * Pictures * Boxes * BoxGeometry.Numbers(Rule.Rotation), stream, nameof(boxes));
        KernelGrid.Check(scores, 4L * Pictures * Boxes, stream, nameof(scores));
        KernelGrid.Check(kept, 4L * Pictures * Kept, stream, nameof(kept));
        KernelGrid.Check(counts, 4L * Pictures, stream, nameof(counts));
        KernelGrid.CheckWorkspace(workspace, WorkspaceBytes, stream);
        if (classes is not null)
        {
            KernelGrid.Check(classes, 4L * Pictures * Boxes, stream, nameof(classes));
        }

        if (stream.Device.IsHost)
        {
            HostCall<SuppressionTwin>.Queue(stream, new(this, boxes.Pointer, scores.Pointer, classes?.Pointer ?? 0, kept.Pointer, counts.Pointer));
        }
        else if (Pictures > 0)
        {
            Launch(boxes.Pointer, scores.Pointer, classes?.Pointer ?? 0, kept.Pointer, counts.Pointer, workspace.Pointer, stream);
        }
    }

    /// <summary>Suppression of one picture's boxes in host memory. Allocates nothing but what the shared array pool keeps.</summary>
    /// <param name="boxes">4, 5 or 6 numbers of each, in the rule's form.</param>
    /// <param name="scores">One a box.</param>
    /// <param name="classes">One a box: boxes of different classes do not suppress each other. Empty: all are of one class.</param>
    /// <param name="rule">What is dropped.</param>
    /// <param name="kept">Gets the kept boxes' places in falling order of score; when it is full, the rest is dropped.</param>
    /// <param name="candidates">The most boxes that are compared with each other, those of the greatest scores; null: all.</param>
    /// <returns>How many were kept.</returns>
    /// <exception cref="ArgumentException">The numbers of boxes, scores and classes differ, or the rule cannot be meant.</exception>
    public static int Suppress(ReadOnlySpan<float> boxes, ReadOnlySpan<float> scores, ReadOnlySpan<int> classes, in SuppressionRule rule, Span<int> kept, int? candidates = null)
    {
        rule.Check();
        int numbers = BoxGeometry.Numbers(rule.Rotation);
        if (boxes.Length != (long)numbers * scores.Length || (!classes.IsEmpty && classes.Length != scores.Length))
        {
            throw new ArgumentException(
                $"{boxes.Length} numbers of boxes, {scores.Length} scores and {classes.Length} classes do not belong together: a box has {numbers} numbers, one score, and one class if any.", nameof(boxes));
        }

        ulong[] rented = ArrayPool<ulong>.Shared.Rent(scores.Length);
        int found = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (!float.IsNaN(scores[i]) && !(scores[i] <= rule.ScoreThreshold))
            {
                rented[found++] = ~DeviceNumbers.Key(scores[i], i);
            }
        }

        Span<ulong> order = rented.AsSpan(0, found);
        order.Sort();
        order = order[..Math.Min(found, candidates ?? found)];
        ReadOnlySpan<int> groups = rule.AcrossClasses ? [] : classes;
        int count = rule.Rotation == BoxRotation.None ? Upright(boxes, order, groups, rule, kept) : Turned(boxes, order, groups, rule, kept);
        ArrayPool<ulong>.Shared.Return(rented);
        return count;
    }

    private static long Aligned(long bytes) => (bytes + 255) & ~255L;

    private static int Upright(ReadOnlySpan<float> boxes, ReadOnlySpan<ulong> order, ReadOnlySpan<int> classes, in SuppressionRule rule, Span<int> kept)
    {
        float[] rented = ArrayPool<float>.Shared.Rent(4 * Math.Min(kept.Length, order.Length));
        int count = 0;
        for (int next = 0; next < order.Length && count < kept.Length; next++)
        {
            int box = DeviceNumbers.Place(~order[next]);
            Span<float> corners = rented.AsSpan(4 * count, 4);
            boxes.Slice(4 * box, 4).CopyTo(corners);
            BoxGeometry.Convert(corners, rule.Form, BoxForm.Corners);
            bool isSuppressed = false;
            for (int i = 0; i < count && !isSuppressed; i++)
            {
                isSuppressed = (classes.IsEmpty || classes[kept[i]] == classes[box]) && BoxGeometry.Overlap(rented.AsSpan(4 * i, 4), corners, rule.CountsEndPixels) > rule.OverlapThreshold;
            }

            if (!isSuppressed)
            {
                kept[count++] = box;
            }
        }

        ArrayPool<float>.Shared.Return(rented);
        return count;
    }

    private static int Turned(ReadOnlySpan<float> boxes, ReadOnlySpan<ulong> order, ReadOnlySpan<int> classes, in SuppressionRule rule, Span<int> kept)
    {
        int numbers = BoxGeometry.Numbers(rule.Rotation);
        TurnedBox[] rented = ArrayPool<TurnedBox>.Shared.Rent(Math.Min(kept.Length, order.Length));
        int count = 0;
        for (int next = 0; next < order.Length && count < kept.Length; next++)
        {
            int box = DeviceNumbers.Place(~order[next]);
            TurnedBox turned = BoxGeometry.Turned(boxes.Slice(numbers * box, numbers), rule.Form, rule.Rotation);
            bool isSuppressed = false;
            for (int i = 0; i < count && !isSuppressed; i++)
            {
                isSuppressed = (classes.IsEmpty || classes[kept[i]] == classes[box]) && rented[i].Overlap(turned) > rule.OverlapThreshold;
            }

            if (!isSuppressed)
            {
                rented[count] = turned;
                kept[count++] = box;
            }
        }

        ArrayPool<TurnedBox>.Shared.Return(rented);
        return count;
    }

    private void Launch(nint boxes, nint scores, nint classes, nint kept, nint counts, nint workspace, CudaStream stream)
    {
        GpuKernels kernels = GpuKernels.Of(stream.Device, "boxes");
        KernelTask described = classes == 0 ? task with { Agnostic = 1 } : task;
        bool isUpright = Rule.Rotation == BoxRotation.None;
        nint keys = workspace + (nint)keysAt, order = workspace + (nint)orderAt, kinds = workspace + (nint)kindsAt;
        nint prepared = workspace + (nint)boxesAt, masks = workspace + (nint)masksAt;
        Span<byte> room = stackalloc byte[128];

        KernelArguments arguments = new(room);
        arguments.Add(workspace);
        kernels["nms_begin"].Launch(stream, (uint)Pictures, 1, arguments);

        Dim3 grid = new((uint)((Boxes + 255L) / 256), (uint)Pictures);
        arguments = new(room);
        arguments.Add(scores);
        arguments.Add(keys);
        arguments.Add(workspace);
        arguments.Add(described, alignment: 4);
        kernels["nms_collect"].Launch(stream, grid, 256, arguments);

        arguments = new(room);
        arguments.Add(boxes);
        arguments.Add(classes);
        arguments.Add(keys);
        arguments.Add(workspace);
        arguments.Add(order);
        arguments.Add(kinds);
        arguments.Add(prepared);
        arguments.Add(prepared);
        arguments.Add(described, alignment: 4);
        kernels["nms_rank"].Launch(stream, grid, 256, arguments);

        arguments = new(room);
        arguments.Add(workspace);
        arguments.Add(kinds);
        arguments.Add(prepared);
        arguments.Add(masks);
        arguments.Add(described, alignment: 4);
        kernels[isUpright ? "nms_mask_upright" : "nms_mask_rotated"].Launch(stream, new Dim3((uint)task.Words, (uint)task.Words, (uint)Pictures), 64, arguments);

        arguments = new(room);
        arguments.Add(workspace);
        arguments.Add(order);
        arguments.Add(masks);
        arguments.Add(kept);
        arguments.Add(counts);
        arguments.Add(described, alignment: 4);
        kernels["nms_scan"].Launch(stream, (uint)Pictures, 256, arguments);
    }

    /// <summary>As Task in native/kernels/boxes.cu.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private record struct KernelTask
    {
        public int Boxes;
        public int Candidates;
        public int Words;
        public int Kept;
        public BoxForm Form;
        public BoxRotation Rotation;
        public int Agnostic;
        public float ScoreThreshold;
        public float OverlapThreshold;
        public float Pixel;
    }
}
