using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Utils.Tests.Postprocessing;

/// <summary>Boxes of anchors, worked out by hand and against what ODTK's own pipeline detected.</summary>
public class AnchorDecodingTests
{
    private static readonly double[] Ratios = [1, 2, 0.5];
    private static readonly double[] Scales = [4, 4 * Math.Pow(2, 1 / 3.0), 4 * Math.Pow(2, 2 / 3.0)];

    [Fact]
    public void DeltasMoveAndStretchAndTheBorderCuts()
    {
        // Two places of stride 8, one anchor from -2 to 9, 12 pixels wide as both ends count.
        AnchorLevel level = new() { Classes = 2, Height = 1, Width = 2, Stride = 8, Anchors = [-2, -2, 9, 9] };
        float[] scores = [0.05f, 0.9f, 0.6f, float.NaN];

        // Right place: 6 to 17 moved a quarter to the left and twice as wide. Left place: three quarters as high.
        float[] deltas = [0, -0.25f, 0, 0, 0, MathF.Log(2), MathF.Log(0.75f), 0];
        float[] boxes = new float[12], best = new float[3];
        int[] classes = new int[3];
        Assert.Equal(2, AnchorDecoding.Decode(level, scores, deltas, 0.05f, boxes, best, classes));
        Assert.Equal([0.9f, 0.6f], best[..2]);
        Assert.Equal([0, 1], classes[..2]);

        // Middle 12 - 3 = 9, width 24: from -3 to 20, cut at 0 and 15. Down from -2 to 9, cut at 0 and 7.
        Near([0, 0, 15, 7], boxes[..4]);

        // Middle 4, width 12: from -2 to 9; height 9: from -0.5 to 7.5, cut.
        Near([0, 0, 9, 7], boxes[4..8]);
    }

    [Fact]
    public void TurnedBoxesCarrySineAndCosineOn()
    {
        AnchorLevel level = new() { Classes = 1, Height = 1, Width = 1, Stride = 64, Anchors = [16, 16, 47, 47], IsRotated = true };
        float[] boxes = new float[6], best = new float[1];
        Assert.Equal(1, AnchorDecoding.Decode(level, [0.5f], [0.125f, 0, 0, 0, -1.5f, 0.25f], 0.05f, boxes, best, new int[1]));
        Near([20, 16, 51, 47, -1.5f, 0.25f], boxes);
    }

    [Fact]
    public void AnchorsAreOdtks()
    {
        Near([-12, -12, 20, 20], [.. AnchorLevel.Corners(8, Ratios, Scales)[..4]]);
        Assert.Equal(36, AnchorLevel.Corners(8, Ratios, Scales).Length);

        // Ratio 2: width 8 / sqrt 2 = 5.66 becomes 6, height 12; scale 4; 1 less at the far corner.
        Near([(8 - 24) / 2f, (8 - 48) / 2f, ((8 + 24) / 2f) - 1, ((8 + 48) / 2f) - 1], [.. AnchorLevel.RotatedCorners(8, Ratios, Scales, 3)[4..8]]);
        Assert.Equal(3 * 36, AnchorLevel.RotatedCorners(8, Ratios, Scales, 3).Length);
    }

    [SkippableFact]
    public void AnchorsAreThoseThatOdtkSaved()
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("shapes_retinanet_golden.npz"));
        foreach (int stride in (int[])[8, 16, 32, 64, 128])
        {
            float[] expected = golden[$"anchors_{stride}"].ToFloat32();
            float[] actual = [.. AnchorLevel.Corners(stride, Ratios, Scales)];
            Assert.Equal(expected.Length, actual.Length);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f * stride));
        }
    }

    /// <summary>Scores and deltas of a detector's ten outputs to detections: ODTK's pipeline made the expected ones of the same numbers.</summary>
    [SkippableTheory]
    [InlineData("a", 32, 32)]
    [InlineData("b", 32, 48)]
    public void DetectionsAreThoseOfOdtk(string picture, int height, int width)
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("shapes_retinanet_golden.npz"));
        AnchorLevel[] levels = [.. Enumerable.Range(0, 5).Select(i => new AnchorLevel { Classes = 3, Height = height >> i, Width = width >> i, Stride = 8 << i, Anchors = AnchorLevel.Corners(8 << i, Ratios, Scales) })];
        using AnchorDecoding decoding = new(1, levels, device: Device.Host);
        BoxSuppression suppression = new(1, decoding.Slots, 100, new SuppressionRule(0.5f, 0, CountsEndPixels: true));
        using CudaStream stream = new(Device.Host);
        using DeviceMemory<float> boxes = new(4L * decoding.Slots, Device.Host), scores = new(decoding.Slots, Device.Host), keptBoxes = new(400, Device.Host), keptScores = new(100, Device.Host);
        using DeviceMemory<int> classes = new(decoding.Slots, Device.Host), kept = new(100, Device.Host), counts = new(1, Device.Host), keptClasses = new(100, Device.Host);
        using DeviceMemory<byte> workspace = new(Math.Max(decoding.WorkspaceBytes, suppression.WorkspaceBytes), Device.Host);
        List<DeviceMemory<float>> inputs = [];
        for (int i = 0; i < 5; i++)
        {
            inputs.Add(Up(golden[$"{picture}_score_{i + 1}"].ToFloat32()));
            inputs.Add(Up(golden[$"{picture}_box_{i + 1}"].ToFloat32()));
            decoding.Run(i, inputs[^2], inputs[^1], boxes, scores, classes, workspace, stream);
        }

        suppression.Run(boxes, scores, classes, kept, counts, workspace, stream);
        DeviceBoxes.TakeRows(boxes, kept, 1, 4, keptBoxes, stream);
        DeviceBoxes.TakeRows(scores, kept, 1, 1, keptScores, stream);
        DeviceBoxes.TakeRows(classes, kept, 1, 1, keptClasses, stream);
        stream.Synchronize();

        float[] expected = golden[$"{picture}_detection_scores"].ToFloat32(), corners = golden[$"{picture}_detection_boxes"].ToFloat32();
        int count = counts.ToArray()[0];
        Assert.Equal(expected.Length, count);
        Assert.Equal(expected, keptScores.ToArray()[..count]);
        Assert.Equal(golden[$"{picture}_detection_classes"].ToArray<long>(), keptClasses.ToArray()[..count].Select(kind => (long)kind));
        Assert.All(corners.Zip(keptBoxes.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
        inputs.ForEach(input => input.Dispose());
    }

    [Fact]
    public void LevelsThatCannotBeAreRefused()
    {
        AnchorLevel level = new() { Classes = 1, Height = 2, Width = 2, Stride = 8, Anchors = [0, 0, 1, 1] };
        Assert.Throws<ArgumentException>(() => new AnchorDecoding(1, [], device: Device.Host));
        Assert.Throws<ArgumentException>(() => new AnchorDecoding(1, [level with { Anchors = [0, 0, 1] }], device: Device.Host));
        Assert.Throws<ArgumentException>(() => new AnchorDecoding(1, [level, level with { IsRotated = true }], device: Device.Host));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AnchorDecoding(1, [level], scoreThreshold: -1, device: Device.Host));
        Assert.Throws<ArgumentException>(() => AnchorDecoding.Decode(level, new float[3], new float[16], 0, new float[4], new float[1], new int[1]));
    }

    private static DeviceMemory<float> Up(float[] values)
    {
        DeviceMemory<float> memory = new(values.Length, Device.Host);
        memory.CopyFrom(values);
        return memory;
    }

    private static void Near(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }
}
