using System.Runtime.InteropServices;
using System.Text.Json;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests.Running;

/// <summary>What becomes of pictures before a model and of outputs after it.</summary>
public sealed class RunOutputsTests : IDisposable
{
    private readonly Scratch scratch = new();

    [Fact]
    public void Masks_are_pictures_whose_pixels_are_the_best_classes()
    {
        Ran ran = Ran.Trt("run", ModelFiles.Find("unet.onnx"), ModelFiles.Find("unet_golden.npz"), "-o", scratch["masks"], "--json", "--library", "cpu");
        Assert.True(ran.ExitCode == 0, ran.Error);
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("unet_golden.npz"));
        float[] logits = golden["logits"].ToFloat32();
        int[] colours = [0x000000, 0x800000, 0x008000, 0x808000]; // PASCAL VOC's first four
        const int Area = 64 * 64;
        JsonElement[] results = [.. ran.Json.GetProperty("results").EnumerateArray()];
        Assert.Equal(8, results.Length);
        for (int sample = 0; sample < results.Length; sample++)
        {
            Image mask = Image.Load(Path.Combine(scratch["masks"], $"image_{sample}.png"));
            Assert.Equal((64, 64), (mask.Width, mask.Height));
            byte[] pixels = mask.ToRgb().Data.ToArray();
            int[] best = [.. Enumerable.Range(0, Area).Select(pixel => Enumerable.Range(0, 4).MaxBy(plane => logits[(((sample * 4) + plane) * Area) + pixel]))];
            int same = Enumerable.Range(0, Area).Count(pixel => ((pixels[3 * pixel] << 16) | (pixels[(3 * pixel) + 1] << 8) | pixels[(3 * pixel) + 2]) == colours[best[pixel]]);
            Assert.True(same >= Area - 2, $"sample {sample}: {same} of {Area} pixels");
            JsonElement counts = results[sample].GetProperty("outputs").GetProperty("logits").GetProperty("pixels");
            Assert.Equal(best.Count(number => number == 0), counts.GetProperty("0").GetInt32(), 2.0);
        }
    }

    [Fact]
    public void Masks_of_pictures_have_the_pictures_size_and_place()
    {
        new Image(96, 48, PixelFormat.Rgb24, new byte[96 * 48 * 3]).Save(scratch["in/deep/a.ppm"]);
        Ran ran = Ran.Trt("run", ModelFiles.Find("unet.onnx"), scratch["in"], "--letterbox", "-o", scratch["out"], "--library", "cpu");
        Assert.True(ran.ExitCode == 0, ran.Error);
        Image mask = Image.Load(Path.Combine(scratch["out"], "deep", "a.png"));
        Assert.Equal((96, 48), (mask.Width, mask.Height));
        Assert.Contains("64x64 in a letterbox", ran.Output, StringComparison.Ordinal);
    }

    /// <summary>ODTK's own detections, made with PyTorch: boxes that count both of their end pixels, in input pixels.</summary>
    [SkippableTheory]
    [InlineData("a", 35)]
    [InlineData("b", 18)]
    public void A_detector_s_boxes_are_those_of_its_trainer(string picture, int count)
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("shapes_retinanet_golden.npz"));
        string npz = scratch.Save("in.npz", ("input_1", TorchTensor.FromArray(golden[$"{picture}_input_1"].ToFloat32(), golden[$"{picture}_input_1"].Shape.AsSpan())));
        Ran ran = Ran.Trt("run", ModelFiles.FindOrSkip("shapes_retinanet_dynamic.onnx"), npz, "--threshold", "0.05", "--json", "--library", "cpu");
        Assert.True(ran.ExitCode == 0, ran.Error);
        JsonElement[] boxes = [.. ran.Json.GetProperty("results")[0].GetProperty("outputs").GetProperty("score_1").GetProperty("boxes").EnumerateArray()];
        float[] scores = golden[$"{picture}_detection_scores"].ToFloat32();
        float[] corners = golden[$"{picture}_detection_boxes"].ToFloat32();
        long[] classes = golden[$"{picture}_detection_classes"].ToArray<long>();
        Assert.Equal(count, boxes.Length);
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(scores[i], boxes[i].GetProperty("score").GetSingle(), 1e-3f);
            Assert.Equal(classes[i], boxes[i].GetProperty("class").GetInt64());
            Assert.Equal(corners[4 * i], boxes[i].GetProperty("left").GetSingle(), 0.05f);
            Assert.Equal(corners[(4 * i) + 1], boxes[i].GetProperty("top").GetSingle(), 0.05f);
            Assert.Equal(corners[(4 * i) + 2] + 1, boxes[i].GetProperty("right").GetSingle(), 0.05f);
            Assert.Equal(corners[(4 * i) + 3] + 1, boxes[i].GetProperty("bottom").GetSingle(), 0.05f);
        }
    }

    [SkippableFact]
    public void A_detector_s_boxes_are_drawn_into_its_pictures()
    {
        string path = ModelFiles.FindOrSkip("shapes/shapes_00.png");
        Ran ran = Ran.Trt("run", ModelFiles.FindOrSkip("shapes_retinanet.onnx"), path, "--imagenet", "-o", scratch["found"], "--json", "--library", "cpu");
        Assert.True(ran.ExitCode == 0, ran.Error);
        JsonElement best = ran.Json.GetProperty("results")[0].GetProperty("outputs").GetProperty("score_1").GetProperty("boxes")[0];
        Assert.True(best.GetProperty("score").GetDouble() > 0.5);
        Image before = Image.Load(path).ToRgb();
        Image after = Image.Load(Assert.Single(Directory.GetFiles(scratch["found"])));
        Assert.Equal((before.Width, before.Height), (after.Width, after.Height));
        int pixel = 3 * (((int)MathF.Round(best.GetProperty("top").GetSingle()) * after.Width) + (int)MathF.Round((best.GetProperty("left").GetSingle() + best.GetProperty("right").GetSingle()) / 2));
        Assert.NotEqual(before.Data.Slice(pixel, 3).ToArray(), after.Data.Slice(pixel, 3).ToArray());
    }

    [SkippableFact]
    public void A_detector_s_maps_are_pictures()
    {
        string model = ModelFiles.FindOrSkip("shapes_retinanet.onnx");
        string picture = ModelFiles.FindOrSkip("shapes/shapes_00.png");
        Assert.Equal(0, Ran.Trt("run", model, picture, "--imagenet", "--postprocess", "heat", "-o", scratch["maps"], "--library", "cpu").ExitCode);
        Assert.Equal(10, Directory.GetFiles(scratch["maps"]).Length);
        Image score = Image.Load(Path.Combine(scratch["maps"], "shapes_00.score_1.png"));
        Assert.Equal((32, 32), (score.Width, score.Height));
        Assert.Equal((0, 255), (score.ToGrey().Data.ToArray().Min(), score.ToGrey().Data.ToArray().Max()));
    }

    [SkippableFact]
    public void A_detector_of_any_size_is_built_for_the_size_that_is_said()
    {
        string model = ModelFiles.FindOrSkip("shapes_retinanet_dynamic.onnx");
        string picture = ModelFiles.FindOrSkip("shapes/shapes_00.png");
        Assert.Contains("--size", Ran.Trt("run", model, picture, "--library", "cpu").Refusal(), StringComparison.Ordinal);
        Ran ran = Ran.Trt("run", model, picture, "--size", "256x128", "--postprocess", "raw", "--json", "--library", "cpu");
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Equal([27, 16, 32], ran.Json.GetProperty("results")[0].GetProperty("outputs").GetProperty("score_1").GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32()));
    }

    [SkippableFact]
    public void Sequences_of_any_length_give_a_class_for_each_place()
    {
        string golden = ModelFiles.FindOrSkip("encoder_golden.npz");
        Ran ran = Ran.Trt("run", ModelFiles.FindOrSkip("encoder.onnx"), golden, "--postprocess", "rows", "--json", "--library", "cpu");
        Assert.True(ran.ExitCode == 0, ran.Error);
        using NpzFile file = NpzFile.Open(golden);
        int[] expected = [.. file["logits"].ToFloat32().Chunk(32).Select(row => Array.IndexOf(row, row.Max()))];
        int[] rows = [.. ran.Json.GetProperty("results").EnumerateArray().SelectMany(result => result.GetProperty("outputs").GetProperty("logits").GetProperty("rows").EnumerateArray()).Select(row => row.GetInt32())];
        Assert.Equal(expected, rows);
    }

    [Fact]
    public void Pixels_become_values_as_the_options_say()
    {
        string plan = scratch.Mirror("mirror.plan", ("x", [-1, 3, 2, 2]));
        new Image(2, 2, PixelFormat.Rgb24, [0, 51, 102, 153, 204, 255, 10, 20, 30, 40, 50, 60]).Save(scratch["a.ppm"]);
        float[] red = [0, 153, 10, 40], green = [51, 204, 20, 50], blue = [102, 255, 30, 60];
        Check([], [.. red, .. green, .. blue], value => value / 255);
        Check(["--scale", "1"], [.. red, .. green, .. blue], value => value);
        Check(["--scale", "1/127.5", "--mean", "1", "--bgr"], [.. blue, .. green, .. red], value => (value / 127.5f) - 1);
        float[] expected = [.. red.Select(value => ((value / 255) - 0.485f) / 0.229f), .. green.Select(value => ((value / 255) - 0.456f) / 0.224f), .. blue.Select(value => ((value / 255) - 0.406f) / 0.225f)];
        Check(["--imagenet"], expected, value => value);

        // Twice as wide: stretched it is averaged, cut out it keeps its middle, in a letterbox there is grey above and below.
        new Image(4, 2, PixelFormat.Grey8, [0, 100, 200, 40, 0, 100, 200, 40]).Save(scratch["a.pgm"]);
        string grey = scratch.Mirror("grey.plan", ("x", [-1, 1, 2, 2]));
        Assert.Equal([100f, 200, 100, 200], Values(grey, "a.pgm", "--resize", "crop", "--scale", "1"));
        Assert.Equal(114, Values(grey, "a.pgm", "--letterbox", "--scale", "1")[2..].First());
        Assert.Contains("4x2", Ran.Trt("run", grey, scratch["a.pgm"], "--resize", "none").Error, StringComparison.Ordinal);

        void Check(string[] options, float[] pixels, Func<float, float> value) => Assert.All(Values(plan, "a.ppm", options).Zip(pixels), pair => Assert.Equal(value(pair.Second), pair.First, 1e-5f));
    }

    [Fact]
    public void Several_inputs_are_given_by_name_and_outputs_are_shown_by_range()
    {
        string plan = scratch.Mirror("two.plan", ("a", [-1, 2, 2]), ("b", [-1, 3]));
        string npz = scratch.Save("in.npz", ("a", TorchTensor.FromArray<float>([1, 2, 3, 4, -5, 6, 7, 8], 2, 2, 2)), ("b", TorchTensor.FromArray<float>([1, 2, 3, 4, 5, float.NaN], 2, 3)));
        Ran ran = Ran.Trt("run", plan, npz, "--postprocess", "raw", "--all");
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Matches(@"a\[0\] +y_a +2x2 +1 +4 +2.5", ran.Output);
        Assert.Matches(@"y_a +2x2 +-5 +8 +4\r?\n", ran.Output);
        Assert.Matches(@"y_b +3 +4 +5 +1 odd\r?\n  4 5 NaN", ran.Output);

        // The same in two files, bare bytes among them.
        File.WriteAllBytes(scratch["b.bin"], MemoryMarshal.AsBytes<float>([1, 2, 3, 4, 5, 6]).ToArray());
        string a = scratch.Save("a.npz", ("anything", TorchTensor.FromArray<float>([1, 2, 3, 4, -5, 6, 7, 8], 2, 2, 2)));
        JsonElement json = Ran.Trt("run", plan, "-i", $"a={a}", "-i", $"b:{scratch["b.bin"]}", "--shapes", "b:2x3", "--outputs", "y_b", "--postprocess", "y_b=raw", "--json", "--all").Json;
        Assert.Equal([4f, 5, 6], json.GetProperty("results")[1].GetProperty("outputs").GetProperty("y_b").GetProperty("values").EnumerateArray().Select(value => value.GetSingle()));

        Assert.Contains("\"b\"", Ran.Trt("run", plan, $"a={a}").Refusal(), StringComparison.Ordinal);
        string three = scratch.Save("three.npz", ("b", TorchTensor.FromArray(new float[9], 3, 3)));
        Assert.Contains("2 samples, but \"b\" 3", Ran.Trt("run", plan, $"a={a}", three).Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_inputs_values_are_random_and_that_is_said()
    {
        string plan = scratch.Mirror("mirror.plan", ("x", [-1, 5, 2]));
        Ran ran = Ran.Trt("run", plan, "--shapes", "x:3x5x2", "-o", scratch["a.npz"]);
        Assert.Contains("random values, 3x5x2, seed 1", ran.Output, StringComparison.Ordinal);
        float[] first = Read("a.npz", "y_x");
        Assert.Equal(30, first.Length);
        Assert.All(first, value => Assert.InRange(value, -1, 1));
        Ran.Trt("run", plan, "--shapes", "x:3x5x2", "-o", scratch["b.npz"]);
        Assert.Equal(first, Read("b.npz", "y_x"));
        Ran.Trt("run", plan, "--shapes", "x:3x5x2", "-o", scratch["b.npz"], "--seed", "2");
        Assert.NotEqual(first, Read("b.npz", "y_x"));
    }

    [Fact]
    public void Boxes_are_suppressed_and_drawn()
    {
        // Two boxes that overlap by half of each, of class 0; one of class 1 elsewhere; one of a low score.
        float[] boxes = [0, 0, 10, 10, 0.9f, 0, 2, 0, 12, 10, 0.8f, 0, 20, 20, 28, 30, 0.1f, 0.7f, 1, 1, 2, 2, 0.1f, 0];
        string plan = scratch.Mirror("boxes.plan", ("x", [-1, 4, 6]));
        string npz = scratch.Save("x.npz", ("x", TorchTensor.FromArray(boxes, 1, 4, 6)));
        JsonElement found = Ran.Trt("run", plan, npz, "--postprocess", "boxes", "--json").Json.GetProperty("results")[0].GetProperty("outputs").GetProperty("y_x").GetProperty("boxes");
        Assert.Equal([(0, 0.9), (1, 0.7)], found.EnumerateArray().Select(box => (box.GetProperty("class").GetInt32(), Math.Round(box.GetProperty("score").GetDouble(), 3))));
        Assert.Equal(3, Ran.Trt("run", plan, npz, "--postprocess", "boxes", "--overlap", "0.9", "--json").Json.GetProperty("results")[0].GetProperty("outputs").GetProperty("y_x").GetProperty("boxes").GetArrayLength());
        Ran text = Ran.Trt("run", plan, npz, "--postprocess", "boxes", "--box-form", "corner-size");
        Assert.Matches(@"x\[0\] +0 +0.900 +0.0 +0.0 +10.0 +10.0", text.Output);
        text.FitsTheScreen();
    }

    [Fact]
    public void Planes_become_pictures_and_each_class_can_count_by_itself()
    {
        string plan = scratch.Mirror("picture.plan", ("x", [-1, 3, 8, 8]));
        float[] values = [.. Enumerable.Range(0, 192).Select(i => i / 191f)];
        string npz = scratch.Save("x.npz", ("x", TorchTensor.FromArray(values, 1, 3, 8, 8)));
        Assert.Equal(0, Ran.Trt("run", plan, npz, "-o", scratch["pictures/"]).ExitCode);
        Image picture = Image.Load(scratch["pictures/x_0.png"]);
        Assert.Equal(PixelFormat.Rgb24, picture.Format);
        for (int i = 0; i < 192; i++)
        {
            Assert.Equal((byte)MathF.Round(values[i] * 255), picture.Data[(i % 64 * 3) + (i / 64)]);
        }

        string scores = scratch.Mirror("scores.plan", ("x", [-1, 4]));
        string four = scratch.Save("four.npz", ("x", TorchTensor.FromArray<float>([3, -3, 0.1f, -0.1f], 1, 4)));
        JsonElement classes = Ran.Trt("run", scores, four, "--postprocess", "sigmoid", "--json").Json.GetProperty("results")[0].GetProperty("outputs").GetProperty("y_x").GetProperty("classes");
        Assert.Equal([(0, 1 / (1 + Math.Exp(-3))), (2, 1 / (1 + Math.Exp(-0.1)))], classes.EnumerateArray().Select(item => (item.GetProperty("class").GetInt32(), item.GetProperty("score").GetDouble())), (one, other) => one.Item1 == other.Item1 && Math.Abs(one.Item2 - other.Item2) < 1e-5);
    }

    public void Dispose() => scratch.Dispose();

    private float[] Values(string plan, string picture, params string[] options)
    {
        Ran ran = Ran.Trt(["run", plan, scratch[picture], "-o", scratch["values.npz"], .. options]);
        Assert.True(ran.ExitCode == 0, ran.Error);
        return Read("values.npz", "y_x");
    }

    private float[] Read(string file, string array)
    {
        using NpzFile npz = NpzFile.Open(scratch[file]);
        return npz[array].ToFloat32();
    }
}
