using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests;

/// <summary><c>trt build</c> from command line to plan.</summary>
public sealed class BuildCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-build-").FullName;

    [Fact]
    public void A_plan_is_written_and_told()
    {
        string plan = Path.Combine(folder, "lenet.plan");
        Ran ran = Ran.Trt("build", ModelFiles.Find("lenet.onnx"), "--library", "cpu", "-o", plan, "--batch=1:8:32", "--fp16");
        Assert.Equal((0, string.Empty), (ran.ExitCode, ran.Error));
        Assert.Contains("0: data 1x1x28x28 .. 8x1x28x28 .. 32x1x28x28", ran.Output, StringComparison.Ordinal);
        ran.FitsTheScreen();
        Assert.Equal(2, Directory.GetFiles(folder).Length);
        Ran version = Ran.Trt("build", "--getPlanVersionOnly", $"--loadEngine={plan}");
        Assert.StartsWith("CPU runtime", version.Output, StringComparison.Ordinal);

        Ran json = Ran.Trt("build", "--onnx=" + ModelFiles.Find("lenet.onnx"), "--library=cpu", "--json", "--batch=4");
        Assert.Equal("4", json.Json.GetProperty("profiles")[0].GetProperty("inputs").GetProperty("data").GetProperty("opt")[0].ToString());
    }

    [Fact]
    public void Weights_are_built_by_their_architecture()
    {
        string plan = Path.Combine(folder, "lenet.plan");
        Ran ran = Ran.Trt("build", ModelFiles.Find("lenet.pth"), "--architecture=lenet", "--library=cpu", "--saveEngine=" + plan);
        Assert.Equal((0, string.Empty), (ran.ExitCode, ran.Error));
        Assert.True(File.Exists(plan));
        Assert.Contains("\"LeNet\"", Ran.Trt("build", ModelFiles.Find("lenet.pth"), "--architecture=vgg", "--library=cpu").Refusal(ExitCode.Usage), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_saved_and_taken_again_and_the_command_line_wins()
    {
        string options = Path.Combine(folder, "options.json");
        Ran first = Ran.Trt("build", "--dry-run", "--library=cpu", "--fp16", "--avgTiming=4", "--save-options", options);
        Assert.Equal(0, first.ExitCode);
        Ran second = Ran.Trt("build", "--dry-run", "--library=cpu", "--options", options, "--avg-timing=9", "--json");
        Assert.Equal("9", second.Json.GetProperty("options").GetProperty("avgTimingIterations").ToString());
        Assert.Equal("FP16", second.Json.GetProperty("options").GetProperty("precision").ToString());
        File.WriteAllText(options, "{\"speed\":1}");
        Assert.Contains("--options=", Ran.Trt("build", "--dry-run", "--library=cpu", "--options", options).Refusal(ExitCode.Usage), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dry_run_tries_the_model_and_writes_nothing()
    {
        string plan = Path.Combine(folder, "lenet.plan");
        Ran good = Ran.Trt("build", ModelFiles.Find("lenet.onnx"), "--library=cpu", "--dry-run", "--batch=4", "-o", plan);
        Assert.Equal((0, string.Empty), (good.ExitCode, good.Error));
        Ran bad = Ran.Trt("build", ModelFiles.Find("lenet.onnx"), "--library=cpu", "--dry-run", "--optShapes=image:4x1x28x28", "-o", plan);
        Assert.Contains("names \"image\", which is no input of the network; its inputs are \"data\"", bad.Refusal(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_refit_after_the_build_leaves_the_other_weights_in_the_plan()
    {
        string original = ModelFiles.Find("lenet.onnx"), changed = Path.Combine(folder, "changed.onnx");
        byte[] bytes = File.ReadAllBytes(original);
        using (OnnxModel model = OnnxModel.Load(original))
        {
            ReadOnlySpan<byte> bias = System.Runtime.InteropServices.MemoryMarshal.AsBytes(model.GetInitializer(model.Initializers.Single(tensor => tensor.Name.EndsWith("fc2.bias", StringComparison.Ordinal)).Name).AsSpan<float>());
            bytes.AsSpan(bytes.AsSpan().IndexOf(bias), bias.Length).Clear();
        }

        File.WriteAllBytes(changed, bytes);
        float[] expected = Infer(original, "--refit"), other = Infer(changed, "--refit"), refitted = Infer(changed, "--refitFromOnnx=" + original);
        Assert.NotEqual(expected, other);
        Assert.Equal(expected, refitted);

        string plan = Path.Combine(folder, "fails.plan");
        Assert.Contains("unet.onnx", Ran.Trt("build", ModelFiles.Find("lenet.onnx"), "--library=cpu", "--batch=1", "--refitFromOnnx=" + ModelFiles.Find("unet.onnx"), "-o", plan).Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Int8_is_calibrated_with_pictures_in_the_models_shape()
    {
        string plan = Path.Combine(folder, "int8.plan");
        Ran ran = Ran.Trt("build", ModelFiles.Find("lenet.onnx"), "--library=cpu", "--batch=1:20:200", "--int8", "--calibrate", Path.GetDirectoryName(ModelFiles.Find("digits/0_000.pgm"))!,
            "--calibration-algorithm=minmax", "--calibration-batch=20", "--calibration-cache", Path.Combine(folder, "digits.cache"), "-o", plan);
        Assert.Equal((0, string.Empty), (ran.ExitCode, ran.Error));

        // Pixels from 0 to 1: the input's scale is 1 / 127.
        float scale = Interop.CalibrationCache.Read(File.ReadAllBytes(Path.Combine(folder, "digits.cache"))).Scales.Single(entry => entry.Tensor == "data").Scale;
        Assert.Equal(1 / 127f, scale, 1e-6f);
    }

    [SkippableFact]
    public void The_U_Net_is_built_by_TensorRT_RTX_without_a_GPU_and_inspected()
    {
        string library = RtxLibrary.Folder, plan = Path.Combine(folder, "unet.plan");
        Skip.If(Interop.Cuda.CudaDriver.IsAvailable(out _), "This machine has a GPU, for which the plan would be.");
        Ran ran = Ran.Trt("build", ModelFiles.Find("unet.onnx"), "--library", library, "-o", plan);
        Assert.Equal((0, string.Empty), (ran.ExitCode, ran.Error));
        Assert.Contains("There is no GPU here", ran.Output, StringComparison.Ordinal);
        Assert.Contains("--batch", ran.Output, StringComparison.Ordinal);
        Ran inspected = Ran.Trt("inspect", plan);
        Assert.Equal(0, inspected.ExitCode);
        Assert.Contains("TensorRT-RTX", inspected.Output, StringComparison.Ordinal);
        Assert.Contains("8.6, 8.9, 12.0", inspected.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_build_leaves_no_file()
    {
        using CancellationTokenSource cancellation = new();
        using CancellingWriter error = new(cancellation, "Cloning network graph");
        StringWriter output = new();
        string plan = Path.Combine(folder, "lenet.plan");
        int code = CommandLine.Run(["build", ModelFiles.Find("lenet.onnx"), "--library=cpu", "-o", plan, "--batch=4", "--verbose"], output, error, cancellation.Token);
        Assert.Equal(ExitCode.Cancelled, code);
        Assert.Empty(output.ToString());
        Assert.EndsWith("trt: cancelled." + Environment.NewLine, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Theory]
    [InlineData("There is no model to build", "build")]
    [InlineData("no-such.onnx", "build", "no-such.onnx")]
    [InlineData("two models", "build", "a.onnx", "--onnx=b.onnx")]
    [InlineData("--get-plan-version-only: it goes with --load-engine", "build", "--getPlanVersionOnly")]
    [InlineData("--load-engine=x.plan: a plan is built already", "build", "--loadEngine=x.plan")]
    [InlineData("--output=./a.onnx: that is the model", "build", "a.onnx", "-o", "./a.onnx")]
    [InlineData("--refit-from-onnx=b.onnx: there is no such file", "build", "a.onnx", "--refitFromOnnx=b.onnx")]
    [InlineData("no profile 0", "build", "a.onnx", "--profile=1", "--optShapes=x:1")]
    [InlineData("3 .. 2 .. 2", "build", "a.onnx", "--minShapes=x:3", "--optShapes=x:2", "--maxShapes=x:2")]
    [InlineData("--calibration-batch: it goes with --calibrate", "build", "a.onnx", "--calibration-batch=3")]
    [InlineData("there is no such folder", "build", "a.onnx", "--int8", "--calibrate=/no/such")]
    [InlineData("runtime builds nothing", "build", "a.onnx", "--useRuntime=lean")]
    public void Wrong_use_is_told_in_one_line(string words, params string[] arguments)
    {
        Ran ran = Ran.Trt([.. arguments, "--library=cpu"]);
        Assert.Contains(words, ran.Refusal(ran.ExitCode), StringComparison.Ordinal);
        Assert.InRange(ran.ExitCode, 1, 2);
    }

    /// <summary>What a plan of the model answers to a picture of a slope.</summary>
    private float[] Infer(string model, params string[] options)
    {
        string plan = Path.Combine(folder, "model.plan");
        Ran ran = Ran.Trt(["build", model, "--library=cpu", "--batch=1", "-o", plan, .. options]);
        Assert.Equal((0, string.Empty), (ran.ExitCode, ran.Error));
        using Session session = new(TextWriter.Null, TextWriter.Null, CancellationToken.None);
        using InferenceRunner runner = new(EngineFile.Load(plan, session.Library("cpu")));
        float[] picture = [.. Enumerable.Range(0, 784).Select(i => i / 784f)], result = new float[10];
        runner.Run<float, float>(picture, result);
        return result;
    }

    [Theory]
    [InlineData("There is no option --optShape; --optShapes is one.", "--optShape=x:1")]
    [InlineData("There is no option --OptShapes; --optShapes is one.", "--OptShapes=x:1")]
    [InlineData("There is no option --speed.", "--speed=9")]
    public void What_is_no_option_is_told_with_the_one_that_was_meant(string words, string option)
    {
        Assert.Contains(words, Ran.Trt("build", option).Error, StringComparison.Ordinal);
        Assert.Contains(words, Ran.Trt("build", "a.onnx", option).Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, Ran.Trt("build", "a.onnx", option).ExitCode);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Cancels when a phase of the library's is told to have ended, in the middle of the build.</summary>
    private sealed class CancellingWriter(CancellationTokenSource cancellation, string phase) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains(phase, StringComparison.Ordinal) == true)
            {
                cancellation.Cancel();
            }
        }
    }
}
