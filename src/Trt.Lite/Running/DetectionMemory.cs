using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Memory of one context for a detector's boxes, which are made of its outputs on the device; only those that are kept come to the host.</summary>
/// <param name="device">Where.</param>
/// <param name="options">How boxes are made.</param>
/// <param name="chosen">The outputs: scores of all levels, then their deltas.</param>
internal sealed class DetectionMemory(Device device, AnchorBoxOptions options, int[] chosen) : IDisposable
{
    private const int Numbers = 4;

    private readonly Dims[] shapes = new Dims[chosen.Length];
    private readonly List<IDisposable> owned = [];
    private AnchorDecoding? decoding;
    private BoxSuppression suppression = null!;
    private DeviceMemory<float> boxes = null!, scores = null!, keptBoxes = null!, keptScores = null!;
    private DeviceMemory<int> classes = null!, keptClasses = null!, kept = null!, counts = null!;
    private DeviceMemory<byte> workspace = null!;
    private PinnedMemory<float> hostBoxes = null!, hostScores = null!;
    private PinnedMemory<int> hostClasses = null!, hostCounts = null!;

    /// <summary>How many boxes a sample of the run has.</summary>
    public int Count(int row) => hostCounts.Span[row];

    /// <summary>A box of a sample of the run: left, top, right, bottom, of which the last two are pixels that belong to it.</summary>
    public (float Left, float Top, float Right, float Bottom, float Score, int Class) Box(int row, int place)
    {
        int at = (row * suppression.Kept) + place;
        ReadOnlySpan<float> corners = hostBoxes.Span.Slice(Numbers * at, Numbers);
        return (corners[0], corners[1], corners[2], corners[3], hostScores.Span[at], hostClasses.Span[at]);
    }

    /// <summary>Makes the boxes of a run's samples and fetches those that are kept.</summary>
    /// <param name="context">A context whose run is done.</param>
    /// <param name="rows">Samples of the run.</param>
    /// <returns>False where the outputs are not what a kernel works on; the CPU says what is wrong, or does it.</returns>
    public bool TryTake(InferenceContext context, int rows)
    {
        if (!IsSetFor(context, rows) && !TrySet(context, rows))
        {
            return false;
        }

        CudaStream stream = context.Stream;
        int levels = chosen.Length / 2;
        for (int level = 0; level < levels; level++)
        {
            decoding!.Run(level, View(context.Outputs[chosen[level]]), View(context.Outputs[chosen[levels + level]]), boxes, scores, classes, workspace, stream);
        }

        suppression.Run(boxes, scores, classes, kept, counts, workspace, stream);
        DeviceBoxes.TakeRows(boxes, kept, rows, Numbers, keptBoxes, stream);
        DeviceBoxes.TakeRows(scores, kept, rows, 1, keptScores, stream);
        DeviceBoxes.TakeRows(classes, kept, rows, 1, keptClasses, stream);
        keptBoxes.CopyToAsync(hostBoxes, stream);
        keptScores.CopyToAsync(hostScores, stream);
        keptClasses.CopyToAsync(hostClasses, stream);
        counts.CopyToAsync(hostCounts, stream);
        stream.Synchronize();
        return true;
    }

    public void Dispose()
    {
        owned.ForEach(one => one.Dispose());
        owned.Clear();
        decoding = null;
    }

    private DeviceMemory<float> View(InferenceTensor output) => DeviceMemory<float>.FromPointer(output.DevicePointer, output.ElementCount, device);

    private bool IsSetFor(InferenceContext context, int rows)
    {
        if (decoding is null || decoding.Pictures != rows)
        {
            return false;
        }

        for (int i = 0; i < chosen.Length; i++)
        {
            if (context.Outputs[chosen[i]].Shape != shapes[i])
            {
                return false;
            }
        }

        return true;
    }

    private bool TrySet(InferenceContext context, int rows)
    {
        int levels = chosen.Length / 2;
        int anchors = options.Ratios.Length * options.Scales.Length;
        List<AnchorLevel> described = [];
        for (int i = 0; i < chosen.Length; i++)
        {
            InferenceTensor output = context.Outputs[chosen[i]];
            shapes[i] = output.Shape;
            if (output.Spec.DataType != DataType.Float || output.Spec.Format != TensorFormat.Linear || shapes[i].NbDims != 4 || shapes[i][0] != rows || shapes[i].Volume <= 0)
            {
                return false;
            }
        }

        for (int level = 0; level < levels; level++)
        {
            (Dims of, Dims deltas) = (shapes[level], shapes[levels + level]);
            if (of[1] % anchors != 0 || deltas[1] != Numbers * anchors || deltas[2] != of[2] || deltas[3] != of[3])
            {
                return false;
            }

            double stride = Math.Round((double)options.FirstStride * shapes[0][3] / of[3]);
            described.Add(new AnchorLevel
            {
                Classes = (int)of[1] / anchors,
                Height = (int)of[2],
                Width = (int)of[3],
                Stride = (float)stride,
                Anchors = AnchorLevel.Corners(stride, options.Ratios.AsSpan(), options.Scales.AsSpan()),
            });
        }

        Dispose();
        decoding = Own(new AnchorDecoding(rows, described, options.ScoreThreshold, options.MaxPerLevel, device));
        int slots = decoding.Slots;
        int most = Math.Min(options.MaxBoxes, slots);
        suppression = new BoxSuppression(rows, slots, most, new SuppressionRule(options.OverlapThreshold, options.ScoreThreshold, CountsEndPixels: true));
        boxes = Own(new DeviceMemory<float>((long)rows * slots * Numbers, device));
        scores = Own(new DeviceMemory<float>((long)rows * slots, device));
        classes = Own(new DeviceMemory<int>((long)rows * slots, device));
        kept = Own(new DeviceMemory<int>((long)rows * most, device));
        counts = Own(new DeviceMemory<int>(rows, device));
        keptBoxes = Own(new DeviceMemory<float>((long)rows * most * Numbers, device));
        keptScores = Own(new DeviceMemory<float>((long)rows * most, device));
        keptClasses = Own(new DeviceMemory<int>((long)rows * most, device));
        workspace = Own(new DeviceMemory<byte>(Math.Max(1, Math.Max(decoding.WorkspaceBytes, suppression.WorkspaceBytes)), device));
        hostBoxes = Own(new PinnedMemory<float>(rows * most * Numbers, device));
        hostScores = Own(new PinnedMemory<float>(rows * most, device));
        hostClasses = Own(new PinnedMemory<int>(rows * most, device));
        hostCounts = Own(new PinnedMemory<int>(rows, device));
        return true;
    }

    private T Own<T>(T one)
        where T : IDisposable
    {
        owned.Add(one);
        return one;
    }
}
