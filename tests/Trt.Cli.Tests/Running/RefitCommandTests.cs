using Trt.Cpu;
using Trt.Interop;
using Trt.Tests.Goldens;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests.Running;

/// <summary>Plans with other weights compute what TensorRT 8.6.0 computed after the same refits on a GPU.</summary>
public sealed class RefitCommandTests : IDisposable
{
    private static readonly BuildOptions Refittable = new() { Batch = new ExtentRange(1, 20, 20), Refit = RefitKind.All };

    private readonly Scratch scratch = new();

    [Fact]
    public void A_checkpoint_s_weights_go_into_a_new_plan_and_back()
    {
        string plan = scratch.Plan("lenet.plan", ModelSource.FromWeights(ModelFiles.Find("lenet.pth")), Refittable);
        string halved = Halved("halved.npz", name => name);
        Ran ran = Ran.Trt("refit", plan, "--weights", halved, "-o", scratch["halved.plan"], "--library", "cpu");
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Contains("all 8", ran.Output, StringComparison.Ordinal);
        Check("halved.", scratch["halved.plan"]);
        Check("original.", plan);

        // By trtexec's names, over itself, from the model's ONNX file: its names are the checkpoint's.
        ran = Ran.Trt("refit", $"--loadEngine={scratch["halved.plan"]}", $"--refitFromOnnx={ModelFiles.Find("lenet.onnx")}", "--rename", "^none=none", $"--saveEngine={scratch["halved.plan"]}", "--json");
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Equal(8, ran.Json.GetProperty("exchanged").GetArrayLength());
        Check("original.", scratch["halved.plan"]);
    }

    [Fact]
    public void Names_that_differ_are_mapped_and_missing_ones_are_named()
    {
        string plan = scratch.Plan("lenet.plan", ModelSource.FromWeights(ModelFiles.Find("lenet.pth")), Refittable);
        string renamed = Halved("renamed.npz", name => name == "fc2.bias" ? "module.last" : "module." + name);
        string refusal = Ran.Trt("refit", plan, "--weights", renamed, "-o", scratch["new.plan"]).Refusal();
        Assert.Contains("nothing for 8", refusal, StringComparison.Ordinal);
        Assert.False(File.Exists(scratch["new.plan"]));
        Assert.Contains("fc2.bias", Ran.Trt("refit", plan, "--weights", renamed, "-o", scratch["new.plan"], "--rename", "^module\\.=").Refusal(), StringComparison.Ordinal);

        Assert.Equal(0, Ran.Trt("refit", plan, "--weights", renamed, "-o", scratch["new.plan"], "--rename", "^module\\.=", "--map", "fc2.bias=last").ExitCode);
        Check("halved.", scratch["new.plan"]);

        Ran partial = Ran.Trt("refit", plan, "--weights", renamed, "-o", scratch["part.plan"], "--rename", "^module\\.=", "--partial");
        Assert.Contains("7 of 8", partial.Output, StringComparison.Ordinal);
        Assert.Matches("as before +fc2.bias", partial.Output);
        Assert.Matches("unused +last", partial.Output);
    }

    [Fact]
    public void A_plan_without_weights_gets_them()
    {
        string stripped = scratch.Plan("stripped.plan", ModelSource.FromWeights(ModelFiles.Find("lenet.pth")), Refittable with { StripPlan = true, ReadBack = false });
        Assert.Equal(0, Ran.Trt("refit", stripped, "--weights", ModelFiles.Find("lenet.pth"), "-o", scratch["whole.plan"]).ExitCode);
        Assert.True(new FileInfo(stripped).Length + 1_500_000 < new FileInfo(scratch["whole.plan"]).Length);
        Check("original.", scratch["whole.plan"]);

        // The new plan says itself where its weights are from.
        Assert.EndsWith("lenet.pth", EngineFile.Open(scratch["whole.plan"]).Report!.Source.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_has_every_parameter_with_type_and_count()
    {
        string plan = scratch.Plan("lenet.plan", ModelSource.FromWeights(ModelFiles.Find("lenet.pth")), Refittable);
        Ran ran = Ran.Trt("refit", plan, "--list");
        Assert.Equal(0, ran.ExitCode);
        using WeightsMap checkpoint = WeightsMap.Open(ModelFiles.Find("lenet.pth"));
        Assert.All(checkpoint.Names, name => Assert.Matches($"{name} +Float +{Units.Count(checkpoint[name].Tensor.ElementCount)}", ran.Output));
        ran.FitsTheScreen();
        Assert.Equal(8, Ran.Trt("refit", plan, "--dumpRefit", "--json").Json.GetProperty("weights").GetArrayLength());
    }

    [Fact]
    public void What_cannot_be_is_told_in_one_line()
    {
        string fixedPlan = scratch.Plan("fixed.plan", ModelSource.FromWeights(ModelFiles.Find("lenet.pth")));
        string plan = scratch.Plan("lenet.plan", ModelSource.FromWeights(ModelFiles.Find("lenet.pth")), Refittable);
        string weights = ModelFiles.Find("lenet.pth");
        Assert.Contains("was not built for that", Ran.Trt("refit", fixedPlan, "--weights", weights, "-o", scratch["x.plan"]).Refusal(), StringComparison.Ordinal);
        Assert.Contains("no-such.pth", Ran.Trt("refit", plan, "--weights", "no-such.pth", "-o", scratch["x.plan"]).Refusal(), StringComparison.Ordinal);
        Assert.Contains("no-such.plan", Ran.Trt("refit", "no-such.plan", "--weights", weights, "-o", scratch["x.plan"]).Refusal(), StringComparison.Ordinal);
        Assert.Contains("--weights", Ran.Trt("refit", plan).Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("-o NEW.plan", Ran.Trt("refit", plan, "--weights", weights).Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("cannot be written", Ran.Trt("refit", plan, "--weights", weights, "-o", Path.Combine(weights, "x.plan")).Refusal(), StringComparison.Ordinal);
        Assert.Contains("--rename (", Ran.Trt("refit", plan, "--weights", weights, "-o", scratch["x.plan"], "--rename", "(=x").Refusal(ExitCode.Usage), StringComparison.Ordinal);

        string small = scratch.Save("small.npz", [.. Tensors(weights, (name, values) => name == "fc2.bias" ? values[..9] : values)]);
        Assert.Contains("fc2.bias", Ran.Trt("refit", plan, "--weights", small, "-o", scratch["x.plan"]).Refusal(), StringComparison.Ordinal);
        Assert.False(File.Exists(scratch["x.plan"]));
    }

    public void Dispose() => scratch.Dispose();

    private string Halved(string file, Func<string, string> rename) =>
        scratch.Save(file, [.. Tensors(ModelFiles.Find("lenet.pth"), (_, values) => Array.ConvertAll(values, value => value / 2)).Select(entry => (rename(entry.Name), entry.Tensor))]);

    private static IEnumerable<(string Name, TorchTensor Tensor)> Tensors(string path, Func<string, float[], float[]> change)
    {
        using WeightsMap weights = WeightsMap.Open(path);
        foreach (string name in weights.Names)
        {
            TorchTensor tensor = weights[name].Tensor;
            float[] values = change(name, tensor.ToFloat32());
            yield return (name, values.Length == tensor.ElementCount ? TorchTensor.FromArray(values, tensor.Shape.AsSpan()) : TorchTensor.FromArray(values));
        }
    }

    private static void Check(string state, string plan)
    {
        CpuRuntime.Register();
        using NpzFile golden = NpzFile.Open(GoldenFiles.Path("lenet_refit.npz"));
        using NpzFile digits = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        using ICudaEngine engine = EngineFile.Load(plan, TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu }));
        using InferenceRunner runner = new(engine);
        float[] expected = golden[$"{state}set0.prob"].ToFloat32();
        float[] actual = new float[200];
        runner.Run<float, float>(digits["data"].ToFloat32().AsSpan(0, 20 * 784), actual);
        float worst = expected.Zip(actual, (right, mine) => Math.Abs(right - mine)).Max();
        Assert.True(worst < 2e-4f * (expected.Max() - expected.Min()), $"{state} the largest difference is {worst}");
    }
}
