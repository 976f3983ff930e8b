using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite.Tests.Postprocessing;

/// <summary>Post-processors from the shelf, alone, chained, in batch and behind an engine.</summary>
public class PostprocessorTests
{
    private static readonly string[] Names = ["a", "b", "c"];

    [Fact]
    public void Top_classes_carry_their_labels()
    {
        Classification[] top = Post.Softmax.Then(Post.TopK(2, Names)).Apply([0, MathF.Log(6), MathF.Log(3)], [3]);
        Assert.Equal(["b", "c"], top.Select(item => item.Label));
        Assert.Equal([1, 2], top.Select(item => item.Index));
        Assert.Equal(0.6f, top[0].Score, 1e-6f);
        Assert.Equal("b 0.600", top[0].ToString());
        Assert.Null(Post.TopK(1, ["only"]).Apply([0, 1], [2])[0].Label);
        Assert.Throws<ArgumentOutOfRangeException>(() => Post.TopK(0));
    }

    [Fact]
    public void All_labels_above_a_threshold()
    {
        Classification[] found = Post.Sigmoid.Then(Post.Threshold(0.5f, Names)).Apply([1, -1, 0], [3]);
        Assert.Equal(["a", "c"], found.Select(item => item.Label));
        Assert.Equal(1 / (1 + MathF.Exp(-1)), found[0].Score, 1e-6f);
    }

    [Fact]
    public void Rows_of_a_batch_are_processed_each()
    {
        Assert.Equal([2, 0], Post.Argmax.ApplyBatch([1, 2, 3, 6, 5, 4], [2, 3]));
        float[][] probabilities = Post.Exp.Then(Post.Softmax).ApplyBatch([0, 0, 0, 0], [2, 2]);
        Assert.Equal([[0.5f, 0.5f], [0.5f, 0.5f]], probabilities);
        Assert.Equal([1, 0, 1], Post.ArgmaxRows.Apply([1, 2, 4, 3, 5, 6], [3, 2]));
        Assert.Throws<ArgumentException>(() => Post.Argmax.ApplyBatch([1, 2, 3], [2, 2]));
        Assert.Equal("class 2", Post.Argmax.Select(best => $"class {best}").Apply([1, 2, 3], [3]));
    }

    [Fact]
    public void Softmax_goes_along_any_axis()
    {
        float[] planes = [0, 0, 0, MathF.Log(3)];
        Assert.Equal([0.5f, 0.25f, 0.5f, 0.75f], Post.SoftmaxAlong(0).Apply(planes, [2, 1, 2]).Select(p => MathF.Round(p, 6)));
        Assert.Equal([0.5f, 0.5f, 0.25f, 0.75f], Post.SoftmaxAlong(-1).Apply(planes, [2, 1, 2]).Select(p => MathF.Round(p, 6)));
        Assert.Contains("axis 3", Assert.Throws<ArgumentException>(() => Post.SoftmaxAlong(3).Apply(planes, [2, 2])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Boxes_come_out_of_one_table()
    {
        // Two boxes of class 1 over each other, one of class 0 beside them, one too weak: centre, size, two classes.
        float[] rows =
        [
            10, 10, 4, 4, 0.1f, 0.9f,
            11, 10, 4, 4, 0.2f, 0.8f,
            10, 10, 4, 4, 0.7f, 0.1f,
            30, 30, 2, 2, 0.2f, 0.1f,
        ];
        NmsOptions options = new() { Format = BoxFormat.CentreAndSize, OverlapThreshold = 0.5f, Labels = ["x", "y"] };
        DetectedBox[] boxes = Post.Nms(options).Apply(rows, [4, 6]);
        Assert.Equal([new DetectedBox(8, 8, 12, 12, 0.9f, 1, "y"), new DetectedBox(8, 8, 12, 12, 0.7f, 0, "x")], boxes);
        Assert.Equal("y 0.900 at 8.0, 8.0 of 4.0 x 4.0", boxes[0].ToString());
        Assert.Single(Post.Nms(options with { AcrossClasses = true }).Apply(rows, [4, 6]));
        Assert.Single(Post.Nms(options with { MaxBoxes = 1 }).Apply(rows, [4, 6]));
        Assert.Equal(3, Post.Nms(options with { OverlapThreshold = 0.7f }).Apply(rows, [4, 6]).Length);

        float[] columns = new float[24];
        for (int i = 0; i < 24; i++)
        {
            columns[(i % 6 * 4) + (i / 6)] = rows[i];
        }

        Assert.Equal(boxes, Post.Nms(options with { IsTransposed = true }).Apply(columns, [6, 4]));

        // The fifth number is the score of the box as a whole: 0.1 × 0.9, 0.2 × 0.8, 0.7 × 0.1, 0.2 × 0.1.
        DetectedBox[] objects = Post.Nms(options with { HasObjectness = true, ScoreThreshold = 0.1f }).Apply(rows, [4, 6]);
        Assert.Equal([(0, 0.16f)], objects.Select(box => (box.Class, MathF.Round(box.Score, 6))));
        Assert.Contains("has no boxes of four numbers", Assert.Throws<ArgumentException>(() => Post.Nms().Apply(rows, [6, 4])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Boxes_come_back_to_the_original_picture()
    {
        // 100 x 50 pixels in a letterbox of 200 x 200: twice as large, 50 rows above.
        ImagePlacement placement = ImagePlacement.Unmoved(100, 50).Resized(200, 100).Moved(200, 200, 0, 50);
        DetectedBox box = Post.Nms().Apply([20, 70, 60, 190, 1], [1, 5], placement)[0];
        Assert.Equal((10, 10, 30, 50), (box.Left, box.Top, box.Right, box.Bottom)); // 70 below is beyond the picture's 50
        box = Post.Nms(new NmsOptions { IsNormalised = true }).Apply([0.1f, 0.35f, 0.3f, 0.65f, 1], [1, 5], placement)[0];
        Assert.Equal((10, 10, 30, 40), (MathF.Round(box.Left, 4), MathF.Round(box.Top, 4), MathF.Round(box.Right, 4), MathF.Round(box.Bottom, 4)));
    }

    [Fact]
    public void Masks_are_pictures_of_classes()
    {
        float[] scores = [9, 0, 0, 1, 0, 9, 0, 1, 0, 0, 9, 2]; // classes 0, 1, 2, 2 at four pixels
        Image grey = Post.Mask().Apply(scores, [3, 2, 2]);
        Assert.Equal(PixelFormat.Grey8, grey.Format);
        Assert.Equal([0, 1, 2, 2], grey.Data.ToArray());
        Image colours = Post.Mask([Colour.Grey(0), new Colour(255, 0, 0)]).Apply(scores, [3, 2, 2]);
        Assert.Equal([0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0], colours.Data.ToArray());
        Assert.Equal([1, 0], Post.Mask(threshold: 0.7f).Apply([0.7f, 0.6f], [1, 1, 2]).Data.ToArray());
        Assert.Throws<ArgumentException>(() => Post.Mask().Apply([1, 2], [2]));

        // A picture of 4 x 2 in a letterbox of 4 x 4, segmented at half the resolution: rows 1 and 2 of four.
        ImagePlacement placement = ImagePlacement.Unmoved(4, 2).Moved(4, 4, 0, 1);
        Image original = Post.Mask(originalSize: true).Apply(scores, [3, 2, 2], placement);
        Assert.Equal((4, 2), (original.Width, original.Height));
        Assert.Equal([0, 0, 1, 1, 2, 2, 2, 2], original.Data.ToArray());
    }

    [Fact]
    public void Whole_numbers_are_classes_already()
    {
        using Engine engine = Rig.Same([-1, 2, 2], DataType.Int32, o => o.Postprocess("y", Post.Mask()));
        Assert.Equal([1, 2, 3, 4], engine.Infer<Image>(new[,] { { 1, 2 }, { 3, 4 } }).Data.ToArray());
        Assert.Contains("has class 300 at pixel 3", Assert.Throws<ArgumentException>(() => engine.Infer<Image>(new[,] { { 1, 2 }, { 3, 300 } })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_of_ones_own_see_one_output_or_several()
    {
        using Engine engine = Rig.TwoInputs(o => o
            .Postprocess("sum", Post.From(output => $"{output.Name} {output.Type} {output.Shape} {output.As<float>()[0]}"))
            .Postprocess("longer", Post.Softmax.Then(Post.Argmax)));
        (string text, int best) = engine.Infer((new float[] { 1, 2, 3 }, new float[] { 4, 9, 6 })).To<string, int>();
        Assert.Equal(("sum Float [3] 5", 4), (text, best));

        using Engine joint = Rig.TwoInputs(o => o.Postprocess("both", ["longer", "sum"], Post.FromSample(sample => sample[0].Floats[5] + sample["sum"].Floats[0])));
        Assert.Equal(["both"], joint.Infer((new float[3], new float[3])).Keys);
        Assert.Equal(11, joint.Infer<float>((new float[] { 1, 2, 3 }, new float[] { 4, 9, 6 })));
        Assert.Equal([11, 0], joint.Infer<float[]>((new float[,] { { 1, 2, 3 }, { 0, 0, 0 } }, new float[,] { { 4, 9, 6 }, { 0, 0, 0 } })));
    }

    [Fact]
    public void The_only_result_with_a_post_processor_is_meant_where_one_is_asked_for()
    {
        using Engine engine = Rig.TwoInputs(o => o.Postprocess("longer", Post.Argmax));
        Assert.Equal(1, engine.Infer<int>((new float[] { 1, 12, 3 }, new float[] { 4, 9, 6 })));
        Assert.Contains("\"prob\", which the model does not have; it has sum, longer", Assert.Throws<ArgumentException>(() => Rig.TwoInputs(o => o.Postprocess("prob", Post.Argmax))).Message, StringComparison.Ordinal);
        Assert.Contains("without a name, but the model has 2 outputs", Assert.Throws<ArgumentException>(() => Rig.TwoInputs(o => o.Postprocess(Post.Argmax))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Outputs_of_other_types_are_seen_as_single_precision_too()
    {
        using Engine halves = Rig.Same([-1, 3], DataType.Half, o => o.Postprocess(Post.Argmax));
        Assert.Equal([1, 2], halves.Infer<int[]>(new float[,] { { 1, 3, 2 }, { 1, 2, 3 } }));
        using Engine longs = Rig.Same([-1, 2], DataType.Int64, o => o.Postprocess(Post.Argmax));
        Assert.Equal(1, longs.Infer<int>(new[] { 1L << 53, (1L << 53) + 1 }));
        using Engine wrong = Rig.Same([-1, 2], DataType.Int64, o => o.Postprocess(Post.From(output => output.As<float>()[0])));
        Assert.Equal("Output \"y\" has elements of type long, not Single.", Assert.Throws<ArgumentException>(() => wrong.Infer<float>(new[] { 1, 2 })).Message);
    }

    [Fact]
    public void An_exception_of_a_post_processor_names_the_sample()
    {
        using Engine engine = Rig.Doubles([-1, 1], o => o.Postprocess(Post.From(output => output.Floats[0] < 6 ? output.Floats[0] : throw new InvalidOperationException("too much"))));
        Assert.Equal(4, engine.Infer<float>(2f));
        Assert.Equal("too much", Assert.Throws<InvalidOperationException>(() => engine.Infer<float>(new float[] { 3 })).Message);
        Assert.Equal("Sample 2: too much", Assert.Throws<SampleException>(() => engine.Infer<float[]>(new float[,] { { 1 }, { 2 }, { 3 } })).Message);
    }
}
