using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Loading;
using Trt.Utils.Tests.Inference;
using Trt.Utils.Tests.Networks;
using Trt.Utils.Tests.Processes;
using Xunit;

namespace Trt.Utils.Tests.Refitting;

/// <summary>Plans without weights, folded weights, and engines whose file says where their weights came from.</summary>
public class StrippedRefitTests(string? release = null)
{
    [Fact]
    public void AStrippedPlanSaysWhatIsMissingUntilNothingIs()
    {
        using RefitRig test = new(release);
        ICudaEngine engine = test.Engine(BuilderFlag.StripPlan, BuilderFlag.Refit);
        using Trt.Utils.Refitting refitting = test.Refit(engine);
        Assert.Equal(test.Original.Names.Order(StringComparer.Ordinal), refitting.Missing.Order(StringComparer.Ordinal));
        refitting.Set("conv1.bias", test.Original["conv1.bias"].Tensor);
        MissingWeightsException missing = Assert.Throws<MissingWeightsException>(refitting.Apply);
        Assert.Equal(7, missing.Missing.Count);
        Assert.Contains("missing are", missing.Message, StringComparison.Ordinal);
        Assert.All(missing.Missing, name => Assert.Contains(name, missing.Message, StringComparison.Ordinal));
        Assert.StartsWith("1 of 8 weights given. Missing (7): ", refitting.Report(), StringComparison.Ordinal);
        using (InferenceContext context = test.Rig.Runner(engine).Rent())
        {
            context.Inputs[0].CopyFrom<float>(RunnerRig.Digits(20));
            Assert.Contains("Refit the engine first", Assert.Throws<TensorRtException>(() => context.Run()).Message, StringComparison.Ordinal);
        }

        refitting.SetFrom(test.Original);
        Assert.Empty(refitting.Missing);
        refitting.Apply();
        test.Check(engine, "original.");
    }

    [Fact]
    public void FoldedNormalizationsAreComputedAnew()
    {
        // An engine of the U-Net with every tensor changed gets PyTorch's weights, and with them PyTorch's output.
        using WeightsMap weights = WeightsMap.Open(ModelFiles.Find("unet.pth"));
        WeightsMap changed = WeightsMap.From(weights.Names.ToDictionary(name => name, name =>
        {
            TorchTensor tensor = weights[name].Tensor;
            return tensor.DType.IsFloatingPoint() ? TorchTensor.FromArray(Array.ConvertAll(tensor.ToFloat32(), value => (value * 0.5f) + 0.125f), tensor.Shape.AsSpan()) : tensor;
        }));
        using RunnerRig rig = new(release);
        INetworkDefinition network = rig.Network();
        new UNet().Define(network, changed);
        using IBuilderConfig config = rig.Builder.CreateBuilderConfig();
        config.SetFlag(BuilderFlag.Refit);
        IOptimizationProfile profile = rig.Builder.CreateOptimizationProfile();
        foreach (OptProfileSelector point in Enum.GetValues<OptProfileSelector>())
        {
            profile.SetDimensions("image", point, [8, 3, 64, 64]);
        }

        config.AddOptimizationProfile(profile);
        ICudaEngine engine = rig.Load(rig.Plan(network, config));
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("unet_golden.npz"));
        float[] expected = golden["logits"].ToFloat32()[..(8 * 4 * 64 * 64)];
        float[] actual = new float[expected.Length];
        InferenceRunner runner = rig.Runner(engine);
        runner.Run<float, float>(golden["image"].ToFloat32().AsSpan(0, 8 * 3 * 64 * 64), new Dims(8, 3, 64, 64), actual);
        Assert.True(Worst() > 1);

        using (Trt.Utils.Refitting refitting = new(engine, rig.Library, rig.Log))
        {
            Assert.Contains(refitting.Names, name => name.StartsWith("kernel(", StringComparison.Ordinal));
            RefitReport report = refitting.SetFrom(weights);
            Assert.Empty(report.NotFound);
            Assert.All(report.Unused, name => Assert.EndsWith("num_batches_tracked", name, StringComparison.Ordinal));
            refitting.Apply();
        }

        runner.Run<float, float>(golden["image"].ToFloat32().AsSpan(0, 8 * 3 * 64 * 64), new Dims(8, 3, 64, 64), actual);
        Assert.True(Worst() < 1e-3, $"the largest difference is {Worst()}");

        float Worst() => expected.Zip(actual, (right, mine) => Math.Abs(right - mine)).Max();
    }

    [Fact]
    public void AnotherEnginesSource()
    {
        using RefitRig test = new(release);
        using ScratchFolder folder = new();
        using ScratchOnnx halved = new(weight => weight / 2);
        EngineBuilder builder = new(TestTarget.Library ?? new ManagedLibrary(CpuRuntime.Provider), test.Rig.Log);
        EngineFile file = builder.BuildToFile(ModelSource.FromOnnx(halved.Path), folder["halved.plan"], new BuildOptions { Profiles = [new ShapeProfile { ["data"] = new ShapeRange(20, 1, 28, 28) }] });
        ICudaEngine engine = test.OnnxEngine(BuilderFlag.Refit);
        using Trt.Utils.Refitting refitting = test.Refit(engine);
        refitting.SetFrom(file);
        refitting.Apply();
        test.Check(engine, "halved.");
        halved.Write(weight => weight / 4);
        Assert.Contains("has changed since", Assert.Throws<ArgumentException>(() => refitting.SetFrom(file)).Message, StringComparison.Ordinal);
        File.Delete(halved.Path);
        Assert.Contains("an engine does not give its weights back", Assert.Throws<ArgumentException>(() => refitting.SetFrom(file)).Message, StringComparison.Ordinal);
        File.Delete(file.ReportPath);
        Assert.Contains("has no JSON beside it", Assert.Throws<ArgumentException>(() => refitting.SetFrom(EngineFile.Open(file.Path))).Message, StringComparison.Ordinal);
    }
}
