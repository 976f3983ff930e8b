using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests.Running;

/// <summary>Wrong use of <c>trt run</c>: one line that names the thing and says what would be right.</summary>
public sealed class WrongUseTests : IDisposable
{
    private readonly Scratch scratch = new();
    private readonly string model = ModelFiles.Find("lenet.onnx");

    [Fact]
    public void Files_that_are_missing_or_nothing_known()
    {
        Refuses("no-such.onnx", "no-such.onnx");
        Refuses("nowhere", model, "nowhere/");
        Refuses("nowhere.npy", model, "data=nowhere.npy");
        Refuses("no pictures", model, scratch.Folder);
        Refuses("no such file", model, Path.Combine(scratch.Folder, "*.png"));
        Refuses("--labels no.txt", model, "--labels", "no.txt");
        Refuses("README.md", ModelFiles.Find("README.md"));
        Refuses("no architecture that is known", ModelFiles.Find("mixed.pth"));
        Refuses("posix.system", ModelFiles.Find("hostile.pth"));
    }

    [Fact]
    public void Values_of_a_wrong_shape_or_type_or_for_no_input()
    {
        string shape = scratch.Save("shape.npz", ("data", TorchTensor.FromArray(new float[28 * 27], 1, 1, 28, 27)));
        Refuses("1x1x28x27", model, shape);
        string type = scratch.Save("type.npz", ("data", TorchTensor.FromArray(new double[28 * 28].Select(_ => 0.1).ToArray(), 1, 1, 28, 28)));
        Assert.Contains("float64", Refuses("--convert", model, type), StringComparison.Ordinal);
        Assert.Equal(0, Ran.Trt("run", model, type, "--convert", "--library", "cpu").ExitCode);
        string other = scratch.Save("other.npz", ("image", TorchTensor.FromArray(new float[784], 1, 1, 28, 28)), ("mask", TorchTensor.FromArray(new float[784], 1, 1, 28, 28)));
        Assert.Contains("\"image\"", Refuses("\"data\"", model, other), StringComparison.Ordinal);
        Refuses("no input \"x\"", model, $"x={other}");
        Refuses("no input \"x\"", model, $"x={Scratch.Digits}");
        string plan = scratch.Mirror("tokens.plan", ("tokens", [-1, 7]));
        Refuses("takes no pictures", plan, Scratch.Digits);
    }

    [Fact]
    public void A_corrupt_picture_among_good_ones_is_named_and_the_others_are_done()
    {
        string folder = scratch.DigitsOf("digits", ("3_001.pgm", "3_001.pgm"), ("4_002.pgm", "4_002.pgm"), ("5_003.pgm", "5_003.pgm"));
        File.WriteAllBytes(Path.Combine(folder, "4_bad.pgm"), File.ReadAllBytes(Path.Combine(folder, "4_002.pgm"))[..300]);
        File.WriteAllText(Path.Combine(folder, "6_empty.png"), string.Empty);
        Ran ran = Ran.Trt("run", model, folder, "--library", "cpu", "-o", scratch["out.npz"]);
        Assert.Equal(ExitCode.Failure, ran.ExitCode);
        string[] lines = ran.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains("4_bad.pgm: It is cut off", lines[0], StringComparison.Ordinal);
        Assert.Contains("6_empty.png: The file is empty", lines[1], StringComparison.Ordinal);
        Assert.Contains("accuracy 100 % (3 of 3", ran.Output, StringComparison.Ordinal);
        Assert.Contains("3 samples, 2 failed", ran.Output, StringComparison.Ordinal);
        using (NpzFile written = NpzFile.Open(scratch["out.npz"]))
        {
            Assert.Equal([3L, 10], written["prob"].Shape.AsEnumerable());
        }

        Assert.Equal(2, Ran.Trt("run", model, folder, "--library", "cpu", "--json").Json.GetProperty("errors").GetArrayLength());
    }

    [Fact]
    public void Options_that_contradict_the_model_or_each_other()
    {
        File.WriteAllLines(scratch["nine.txt"], Enumerable.Repeat("x", 9));
        Refuses("9 labels, but output \"prob\" has 10", model, "--labels", scratch["nine.txt"]);
        Refuses("no output is a picture", model, "-o", scratch["folder"]);
        Refuses("[classes, height, width]", model, "--postprocess", "mask");
        Refuses("there is no such output", model, "--postprocess", "logits=argmax");
        Refuses("\"prob\"", model, "--outputs", "logits");
        Refuses("cannot be written", model, "-o", Path.Combine(model, "x.npz"));
        Refuses("nothing says how to round", model, "--precision", "int8");
        Assert.Contains("top-k", Ran.Trt("run", model, "--postprocess", "tok").Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("MODEL", Ran.Trt("run").Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains(".npz", Ran.Trt("run", model, "-o", "x.foo").Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("LeNet", Ran.Trt("run", ModelFiles.Find("lenet.pth"), "--architecture", "VGG").Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("1/255", Ran.Trt("run", model, "--scale", "x").Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("letterbox", Ran.Trt("run", model, "--resize", "shrink").Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("fp16", Ran.Trt("run", model, "--precision", "fp12").Refusal(ExitCode.Usage), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Libraries_for_GPUs_where_there_is_none()
    {
        string library = RtxLibrary.Folder;
        Skip.If(Interop.Cuda.CudaDriver.IsAvailable(out _), "There is a GPU here.");
        string refusal = Refuses("--library cpu", model, "--library", library);
        Assert.Contains("TensorRT-RTX", refusal, StringComparison.Ordinal);
        Assert.Contains("driver", refusal, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Plans_of_another_release()
    {
        string? folder = Environment.GetEnvironmentVariable("TRT_LEAN_LIBRARY_DIR");
        string plan = Path.Combine(folder ?? string.Empty, "plans", "lenet.fp32.plan");
        Skip.If(!File.Exists(plan), "TRT_LEAN_LIBRARY_DIR names no folder with plans.");
        Assert.Contains("8.6.0", Refuses("Build the model again", plan, Scratch.Digits, "--library", "cpu"), StringComparison.Ordinal);
    }

    public void Dispose() => scratch.Dispose();

    private static string Refuses(string words, params string[] line)
    {
        string refusal = Ran.Trt(["run", .. line]).Refusal();
        Assert.Contains(words, refusal, StringComparison.Ordinal);
        return refusal;
    }
}
