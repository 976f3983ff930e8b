using System.Runtime.InteropServices;
using Trt.Interop;
using Xunit;

namespace Trt.Lite.Tests.Postprocessing;

/// <summary>Boxes of anchors, worked out by hand: ODTK counts both end pixels, so that an anchor of 32 pixels is 33 wide.</summary>
public class AnchorBoxTests
{
    private const int Side = 8;
    private const int Anchors = 9;

    [Fact]
    public void Deltas_move_and_stretch_anchors_and_the_picture_s_border_cuts_them()
    {
        float[] scores = new float[2 * Anchors * Side * Side];
        float[] deltas = new float[4 * Anchors * Side * Side];

        // Anchor 0, class 1, place (2, 2): from 4 to 36, where nothing is moved.
        Set(scores, 1, 2, 2, 0.9f);

        // Anchor 0, class 0, place (6, 0): from 36 to 68 and from -12 to 20, moved by a third of 33 to the left and half as high.
        Set(scores, 0, 6, 0, 0.8f);
        Set(deltas, 0, 6, 0, -1 / 3f);
        Set(deltas, 3, 6, 0, -MathF.Log(2));

        // The first box again, from the place below: of the same class, suppressed.
        Set(scores, 1, 2, 3, 0.7f);
        Set(deltas, 1, 2, 3, -8 / 33f);
        Set(scores, 0, 2, 2, 0.05f); // not greater than the threshold

        DetectedBox[] boxes = Apply(scores, deltas, new AnchorBoxOptions());
        Assert.Equal(2, boxes.Length);
        Check(boxes[0], 1, 0.9f, 4, 4, 37, 37);

        // Across: centre 36 + 16.5 - 11 = 41.5, 33 wide: 25 to 57, and its last pixel. Down: centre -12 + 16.5 = 4.5, 16.5 high: cut at 0; 4.5 + 8.25 = 12.75.
        Check(boxes[1], 0, 0.8f, 25, 0, 58, 12.75f);

        Assert.Equal(3, Apply(scores, deltas, new AnchorBoxOptions { OverlapThreshold = 1 }).Length);
        Assert.Single(Apply(scores, deltas, new AnchorBoxOptions { MaxBoxes = 1 }));
        Assert.Single(Apply(scores, deltas, new AnchorBoxOptions { MaxPerLevel = 1 }));
        Assert.Equal(3, Apply(scores, deltas, new AnchorBoxOptions { ScoreThreshold = 0.04f }).Length);
    }

    [Fact]
    public void Outputs_of_another_form_are_refused_by_name()
    {
        Assert.Contains("9 anchors", Assert.Throws<ArgumentException>(() => Apply(new float[10 * 64], new float[36 * 64], new AnchorBoxOptions(), 10)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Post.AnchorBoxes().Apply(new float[64], [1, 8, 8]));
    }

    private static DetectedBox[] Apply(float[] scores, float[] deltas, AnchorBoxOptions options, int channels = 2 * Anchors)
    {
        float[] first = GC.AllocateUninitializedArray<float>(scores.Length, pinned: true);
        float[] second = GC.AllocateUninitializedArray<float>(deltas.Length, pinned: true);
        scores.CopyTo(first, 0);
        deltas.CopyTo(second, 0);
        RunOutputs run = new(["score_1", "box_1"], [DataType.Float, DataType.Float], [false, false]);
        run.Set(0, [channels, Side, Side], MemoryMarshal.AsBytes(first.AsSpan()));
        run.Set(1, [4 * Anchors, Side, Side], MemoryMarshal.AsBytes(second.AsSpan()));
        DetectedBox[] boxes = Post.AnchorBoxes(options).Apply(new SampleOutputs(run, [0, 1], -1, null));
        GC.KeepAlive(first);
        GC.KeepAlive(second);
        return boxes;
    }

    private static void Set(float[] values, int channel, int x, int y, float value) => values[(((channel * Side) + y) * Side) + x] = value;

    private static void Check(DetectedBox box, int kind, float score, params float[] corners)
    {
        Assert.Equal((kind, score), (box.Class, box.Score));
        Assert.All(new[] { box.Left, box.Top, box.Right, box.Bottom }.Zip(corners), pair => Assert.Equal(pair.Second, pair.First, 1e-3f));
    }
}
