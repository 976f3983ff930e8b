using System.Text.Json;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests.Running;

/// <summary>LeNet on 200 digits: every form of the model gives the classes that PyTorch gave.</summary>
public sealed class RunDigitsTests : IDisposable
{
    private readonly Scratch scratch = new();

    [Theory]
    [InlineData("lenet.onnx")]
    [InlineData("lenet.pth")]
    public void Digits_are_recognised_by_models_and_weights(string model) => CheckJson("run", ModelFiles.Find(model), "--input", Scratch.Digits, "--library", "cpu", "--json");

    [SkippableTheory]
    [InlineData("lenet.pt")]
    [InlineData("lenet.safetensors")]
    [InlineData("lenet_legacy.pth")]
    public void Digits_are_recognised_by_other_files(string model) => CheckJson("run", ModelFiles.FindOrSkip(model), Scratch.Digits, "--library", "cpu", "--json");

    [Fact]
    public void Digits_are_recognised_in_8_bits() =>
        CheckJson("run", ModelFiles.Find("lenet.onnx"), "-i", Scratch.Digits, "--precision", "int8", "--calibrate", Scratch.Digits, "--library", "cpu", "--json");

    [Fact]
    public void Calibration_sees_pictures_as_the_run_does() =>
        CheckJson("run", ModelFiles.Find("lenet.pth"), "-i", Scratch.Digits, "--calibrate", Scratch.Digits, "--scale", "1/255", "--letterbox", "--library", "cpu", "--json", "--max-batch", "7");

    [Fact]
    public void Digits_are_recognised_by_plans_of_the_tool_and_of_the_library()
    {
        Assert.Equal(0, Ran.Trt("build", ModelFiles.Find("lenet.onnx"), "-o", scratch["a.plan"], "--batch", "1:8:16", "--library", "cpu").ExitCode);
        CheckJson("run", scratch["a.plan"], "-i", Scratch.Digits, "--json");
        CheckJson("run", $"--loadEngine={scratch.Plan("b.plan", ModelSource.FromWeights(ModelFiles.Find("lenet.pth")))}", "-i", Scratch.Digits, "--json");
    }

    [Fact]
    public void The_table_has_a_row_for_each_picture_and_the_accuracy()
    {
        Ran ran = Ran.Trt("run", ModelFiles.Find("lenet.onnx"), "--input", Scratch.Digits, "--library", "cpu");
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Empty(ran.Error);
        string[] lines = ran.Output.Split('\n');
        Assert.Equal(200, lines.Count(line => line.Contains(".pgm  ", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("accuracy ", StringComparison.Ordinal) && line.Contains(" of 200; labels from file names)", StringComparison.Ordinal));
        Assert.Contains("200 pictures: grey, 28x28, / 255", ran.Output, StringComparison.Ordinal);
        Assert.All(lines.Where(line => !line.StartsWith("model ", StringComparison.Ordinal)), line => Assert.True(line.TrimEnd().Length <= 80, line));
    }

    [Fact]
    public void Values_in_an_archive_are_PyTorch_s()
    {
        string npz = scratch["out.npz"];
        Assert.Equal(0, Ran.Trt("run", ModelFiles.Find("lenet.onnx"), $"--loadInputs=data={ModelFiles.Find("lenet_golden.npz")}", "-o", npz, "-o", scratch["out.json"], "--library", "cpu").ExitCode);
        using NpzFile written = NpzFile.Open(npz);
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        Assert.Equal([200L, 10], written["prob"].Shape.AsEnumerable());
        Assert.All(written["prob"].ToFloat32().Zip(golden["prob"].ToFloat32()), pair => Assert.Equal(pair.Second, pair.First, 1e-3f));
        Assert.Equal(200, JsonDocument.Parse(File.ReadAllText(scratch["out.json"])).RootElement.GetProperty("results").GetArrayLength());
    }

    [Fact]
    public void Right_classes_are_told_by_folders_and_labels_too()
    {
        File.WriteAllLines(scratch["names.txt"], ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]);
        string folder = scratch.DigitsOf("by-name", ("3_001.pgm", "three/a.pgm"), ("4_002.pgm", "four/b.pgm"), ("5_003.pgm", "four/wrong.pgm"));
        Ran ran = Ran.Trt("run", ModelFiles.Find("lenet.onnx"), folder, "--labels", scratch["names.txt"], "--library", "cpu");
        Assert.Contains("accuracy 66.67 % (2 of 3; labels from folder names)", ran.Output, StringComparison.Ordinal);
        Assert.Matches(@"four/wrong.pgm +five +[\d.]+ +four  wrong", ran.Output);

        // Ten folders of any name are the ten classes in their order, as torchvision has it.
        string ordered = scratch.DigitsOf("ordered", [.. Enumerable.Range(0, 10).Select(digit => ($"{digit}_000.pgm", $"{(char)('a' + digit)}/x.pgm"))]);
        Assert.Contains("(10 of 10; labels from folders in their order)", Ran.Trt("run", ModelFiles.Find("lenet.onnx"), ordered, "--library", "cpu").Output, StringComparison.Ordinal);

        // Running numbers are no classes.
        string running = scratch.DigitsOf("running", ("3_001.pgm", "frame_1.pgm"), ("4_002.pgm", "frame_2.pgm"));
        Assert.DoesNotContain("accuracy", Ran.Trt("run", ModelFiles.Find("lenet.onnx"), running, "--library", "cpu").Output, StringComparison.Ordinal);
        Assert.Contains("--truth names", Ran.Trt("run", ModelFiles.Find("lenet.onnx"), running, "--truth", "names", "--library", "cpu").Error, StringComparison.Ordinal);
        Assert.DoesNotContain("accuracy", Ran.Trt("run", ModelFiles.Find("lenet.onnx"), Scratch.Digits, "--truth", "none", "--library", "cpu").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_classes_are_probabilities_in_falling_order()
    {
        Ran ran = Ran.Trt("run", ModelFiles.Find("lenet.onnx"), Path.Combine(Scratch.Digits, "7_00*.pgm"), "--postprocess", "softmax", "--top", "10", "--json", "--library", "cpu");
        Assert.Equal(10, ran.Json.GetProperty("results").GetArrayLength());
        foreach (JsonElement sample in ran.Json.GetProperty("results").EnumerateArray())
        {
            double[] scores = [.. sample.GetProperty("outputs").GetProperty("prob").GetProperty("classes").EnumerateArray().Select(item => item.GetProperty("score").GetDouble())];
            Assert.Equal(1, scores.Sum(), 1e-4);
            Assert.Equal(scores.OrderDescending(), scores);
        }
    }

    [Fact]
    public void A_cache_keeps_the_engine()
    {
        string[] line = ["run", ModelFiles.Find("lenet.onnx"), Path.Combine(Scratch.Digits, "1_*.pgm"), "--cache", scratch["cache"], "--json", "--library", "cpu"];
        Assert.Equal(0, Ran.Trt(line).ExitCode);
        FileInfo plan = Assert.Single(new DirectoryInfo(scratch["cache"]).EnumerateFiles("*.plan"));
        Assert.Equal(20, Ran.Trt(line).Json.GetProperty("accuracy").GetProperty("right").GetInt32());
        Assert.Equal(plan.LastWriteTimeUtc, Assert.Single(new DirectoryInfo(scratch["cache"]).EnumerateFiles("*.plan")).LastWriteTimeUtc);
    }

    public void Dispose() => scratch.Dispose();

    private static void CheckJson(params string[] line)
    {
        Ran ran = Ran.Trt(line);
        Assert.True(ran.ExitCode == 0, ran.Error);
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        int[] expected = [.. golden["prob"].ToFloat32().Chunk(10).Select(row => Array.IndexOf(row, row.Max()))];
        JsonElement[] results = [.. ran.Json.GetProperty("results").EnumerateArray()];
        int[] classes = [.. results.Select(result => result.GetProperty("outputs").GetProperty("prob").GetProperty("classes")[0].GetProperty("class").GetInt32())];
        Assert.True(expected.Zip(classes).Count(pair => pair.First == pair.Second) >= 198, string.Join(' ', classes));
        Assert.Equal(200, classes.Length);

        // The labels of the file names are those of the golden.
        JsonElement accuracy = ran.Json.GetProperty("accuracy");
        Assert.Equal(200, accuracy.GetProperty("total").GetInt32());
        Assert.True(accuracy.GetProperty("share").GetDouble() >= 0.99);
        Assert.All(results, result => Assert.Equal(Path.GetFileName(result.GetProperty("sample").GetString()!)[0] - '0', result.GetProperty("label").GetInt32()));
    }
}
