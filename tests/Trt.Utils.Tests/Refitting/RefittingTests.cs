using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils.Tests.Inference;
using Xunit;

namespace Trt.Utils.Tests.Refitting;

/// <summary>Refits of LeNet by every source, against what TensorRT 8.6.0 computed after the same refits.</summary>
public class RefittingTests(string? release = null)
{
    [Fact]
    public void AStateDictInOneLine()
    {
        using RefitRig test = new(release);
        ICudaEngine engine = test.Engine(BuilderFlag.Refit);
        test.Check(engine, "original.");
        using Trt.Utils.Refitting refitting = test.Refit(engine);
        RefitReport report = refitting.SetFrom(test.Halved);
        Assert.Equal(test.Original.Names.Order(StringComparer.Ordinal), report.Given.Order(StringComparer.Ordinal));
        Assert.Equal("8 weights given.", report.ToString());
        test.Check(engine, "original.");
        refitting.Apply();
        test.Check(engine, "halved.");
        refitting.SetFrom(test.Original);
        refitting.Apply();
        test.Check(engine, "original.");
        Assert.Empty(test.Rig.Log.Errors);
    }

    [Fact]
    public void FilesInOneLine()
    {
        CpuRuntime.Register();
        using RefitRig test = new(release);
        using ScratchOnnx halved = new(weight => weight / 2);
        ICudaEngine engine = test.OnnxEngine(BuilderFlag.Refit);
        Assert.Equal(8, Trt.Utils.Refitting.Refit(engine, halved.Path).Given.Count);
        test.Check(engine, "halved.");
        Assert.Equal(8, Trt.Utils.Refitting.Refit(engine, ModelFiles.Find("lenet.pth")).Given.Count);
        test.Check(engine, "original.");
        Trt.Utils.Refitting.Refit(engine, test.Halved);
        test.Check(engine, "halved.");
    }

    [Fact]
    public void NamesMatricesAndTypesAreMapped()
    {
        using RefitRig test = new(release);
        ICudaEngine engine = test.Engine(BuilderFlag.Refit);
        using Trt.Utils.Refitting refitting = test.Refit(engine);

        // As another framework would keep it: another prefix, matrices [in, out], double precision, and something else beside.
        Dictionary<string, TorchTensor> other = test.Original.Names.ToDictionary(name => $"model.{name}", name =>
        {
            TorchTensor half = test.Half(name);
            TorchTensor turned = name is "fc1.weight" or "fc2.weight" ? half.Transpose().ToContiguous() : half;
            return turned.ConvertTo(TorchDType.Float64);
        });
        other["model.step"] = TorchTensor.FromArray((long[])[7], 1);
        RefitReport report = refitting.SetFrom(WeightsMap.From(other), new RefitMapping { Rename = name => $"model.{name}", Transpose = name => name is "fc1.weight" or "fc2.weight" });
        Assert.Equal(["model.step"], report.Unused);
        Assert.Contains("Not in the engine (1): model.step.", report.ToString(), StringComparison.Ordinal);
        refitting.Apply();
        test.Check(engine, "halved.");
    }

    [Fact]
    public void AnOnnxFileWithOtherWeights()
    {
        using RefitRig test = new(release);
        ICudaEngine engine = test.OnnxEngine(BuilderFlag.Refit);
        using ScratchOnnx halved = new(weight => weight / 2);
        using Trt.Utils.Refitting refitting = test.Refit(engine);
        Assert.Equal(8, refitting.SetFromOnnx(halved.Path).Given.Count);
        refitting.Apply();
        test.Check(engine, "halved.");

        // With a mapping the constants are read here.
        Assert.Equal(8, refitting.SetFromOnnx(ModelFiles.Find("lenet.onnx"), new RefitMapping()).Given.Count);
        refitting.Apply();
        test.Check(engine, "original.");
        MissingWeightsException missing = Assert.Throws<MissingWeightsException>(() => refitting.SetFromOnnx(halved.Path, new RefitMapping { Rename = name => name == "fc2.bias" ? "other" : name }));
        Assert.Equal(["fc2.bias"], missing.Missing);
        Assert.Throws<FileNotFoundException>(() => refitting.SetFromOnnx("nothing.onnx"));
        test.Check(engine, "original.");
    }

    [Fact]
    public void ANetworkAnotherRefitAndAnotherRefitter()
    {
        using RefitRig test = new(release);
        ICudaEngine first = test.Engine(BuilderFlag.Refit), second = test.Engine(BuilderFlag.Refit), third = test.Engine(BuilderFlag.Refit);
        using Trt.Utils.Refitting ofNetwork = test.Refit(first), ofRefit = test.Refit(second), ofRefitter = test.Refit(third);
        INetworkDefinition halved = test.Network(test.Halved);
        RefitReport report = ofNetwork.SetFrom(halved);
        Assert.Equal(8, report.Given.Count);
        ofNetwork.Apply();
        test.Check(first, "halved.");

        ofRefit.SetFrom(test.Original);
        ofRefit.SetFrom(ofNetwork); // the later one counts
        ofRefit.Apply();
        test.Check(second, "halved.");

        if (test.Rig.Library.Supports("IRefitter.getNamedWeights"))
        {
            using IRefitter native = test.Rig.Library.CreateInferRefitter(first, test.Rig.Log);
            WeightsMap halves = test.Halved;
            foreach (string name in halves.Names)
            {
                native.SetNamedWeights(name, halves[name].ToWeights());
            }

            Assert.Equal(8, ofRefitter.SetFrom(native).Given.Count);
            ofRefitter.Apply();
            test.Check(third, "halved.");
        }
    }

    [Fact]
    public void WeightsByLayerAndRole()
    {
        using RefitRig test = new(release);
        ICudaEngine engine = test.Engine(BuilderFlag.Refit);
        using Trt.Utils.Refitting refitting = test.Refit(engine);
        Assert.Equal(8, refitting.Places.Count);
        Assert.Contains(("conv1", WeightsRole.Kernel), refitting.Places);
        refitting.SetFrom(test.Halved);
        refitting.Set("conv1", WeightsRole.Kernel, test.Half("conv1.weight").ToWeights());
        refitting.Apply();
        test.Check(engine, "halved.");
        Assert.Throws<TensorRtException>(() => refitting.Set("conv1", WeightsRole.Shift, test.Half("conv1.weight").ToWeights()));
    }

    [Fact]
    public void WithoutWhatIsMissingNothingIsRefitted()
    {
        using RefitRig test = new(release);
        ICudaEngine engine = test.Engine(BuilderFlag.Refit);
        using Trt.Utils.Refitting refitting = test.Refit(engine);
        Dictionary<string, TorchTensor> part = test.Original.Names.Where(name => !name.StartsWith("fc2", StringComparison.Ordinal)).ToDictionary(name => name, test.Half);
        part["fc2.weights"] = test.Half("fc2.weight");
        MissingWeightsException lacking = Assert.Throws<MissingWeightsException>(() => refitting.SetFrom(WeightsMap.From(part)));
        Assert.Equal(["fc2.bias", "fc2.weight"], lacking.Missing.Order(StringComparer.Ordinal));
        Assert.Contains("The source has nothing for 2 of the engine's weights", lacking.Message, StringComparison.Ordinal);
        Assert.Contains("fc2.weights", lacking.Message, StringComparison.Ordinal);
        Assert.Contains("No weights were given", Assert.Throws<InvalidOperationException>(refitting.Apply).Message, StringComparison.Ordinal);
        test.Check(engine, "original.");

        RefitReport report = refitting.SetFrom(WeightsMap.From(part), new RefitMapping { AllowPartial = true });
        Assert.Equal(6, report.Given.Count);
        Assert.Equal(["fc2.bias", "fc2.weight"], report.NotFound.Order(StringComparer.Ordinal));
        refitting.Set("fc2.weight", test.Half("fc2.weight"));
        refitting.Set("fc2.bias", test.Half("fc2.bias"));
        Assert.Equal("8 of 8 weights given. Nothing is missing.", refitting.Report());
        refitting.Apply();
        test.Check(engine, "halved.");
    }

    [Fact]
    public void AFailureInTheMiddleLeavesTheOldWeights()
    {
        using RefitRig test = new(release);
        ICudaEngine engine = test.Engine(BuilderFlag.Refit);
        using Trt.Utils.Refitting refitting = test.Refit(engine);
        WeightsMap wrong = test.Halved.With("fc1.weight", TorchTensor.FromArray(new float[100], 10, 10));
        Exception refused = Assert.ThrowsAny<Exception>(() => refitting.SetFrom(wrong));
        Assert.Contains("fc1", refused.Message, StringComparison.Ordinal);
        test.Check(engine, "original.");

        // What was given before stays given; what the failed call gave does not.
        refitting.Set("conv1.bias", test.Half("conv1.bias"));
        Assert.ThrowsAny<Exception>(() => refitting.Set("conv2.bias", Interop.Weights.From(new float[3])));
        Assert.Contains("near it: conv1.bias", Assert.Throws<ArgumentException>(() => refitting.Set("conv1.bia", test.Half("conv1.bias"))).Message, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("1 of 8 weights given.", refitting.Report(), StringComparison.Ordinal);
        test.Check(engine, "original.");
        refitting.SetFrom(test.Halved);
        refitting.Apply();
        test.Check(engine, "halved.");
    }

    [Fact]
    public void AFileThatWasClosedIsToldBeforeItIsRead()
    {
        using RefitRig test = new(release);
        ICudaEngine engine = test.Engine(BuilderFlag.Refit);
        using Trt.Utils.Refitting refitting = test.Refit(engine);
        using (WeightsMap closed = WeightsMap.Open(ModelFiles.Find("lenet.pth")))
        {
            refitting.SetFrom(closed);
        }

        Assert.Throws<ObjectDisposedException>(refitting.Apply);
        test.Check(engine, "original.");
        refitting.SetFrom(test.Halved);
        refitting.Apply();
        test.Check(engine, "halved.");
    }

    [Fact]
    public async Task AwaitedRefitsKeepTheOrderOfTheStream()
    {
        using RefitRig test = new(release);
        ICudaEngine engine = test.Engine(BuilderFlag.Refit);
        using Trt.Utils.Refitting refitting = test.Refit(engine);
        using CudaStream stream = new(TestDevice.Current);
        refitting.SetFrom(test.Halved);
        await refitting.ApplyAsync(stream);
        test.Check(engine, "halved.");
        refitting.SetFrom(test.Original);
        await refitting.ApplyAsync(stream);
        test.Check(engine, "original.");

        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        refitting.SetFrom(test.Halved);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refitting.ApplyAsync(stream, cancelled.Token));
        test.Check(engine, "original.");
        if (test.Rig.Library.Supports("IRefitter.refitCudaEngineAsync"))
        {
            stream.Enqueue(() => throw new InvalidTimeZoneException("broken"));
            await Assert.ThrowsAsync<InvalidTimeZoneException>(() => refitting.ApplyAsync(stream));
            test.Check(engine, "original.");
        }

        await refitting.ApplyAsync(stream);
        test.Check(engine, "halved.");
    }

    [Fact]
    public void WeightsOnTheDevice()
    {
        using RefitRig test = new(release);
        ICudaEngine engine = test.Engine(BuilderFlag.Refit);
        using Trt.Utils.Refitting refitting = test.Refit(engine);
        refitting.SetFrom(test.Halved);
        float[] kernel = test.Half("conv1.weight").ToFloat32();
        using DeviceMemory<float> memory = new(kernel.Length, TestDevice.Current), shorter = new(kernel.Length - 1, TestDevice.Current);
        using DeviceMemory<int> integers = new(kernel.Length, TestDevice.Current);
        memory.CopyFrom(kernel);
        Assert.ThrowsAny<Exception>(() => refitting.Set("conv1.weight", shorter));
        Assert.ThrowsAny<Exception>(() => refitting.Set("conv1.weight", integers));
        refitting.Set("conv1.weight", memory);
        refitting.Apply();
        test.Check(engine, "halved.");
    }

    [Fact]
    public void EnginesThatWereNotBuiltForIt()
    {
        using RefitRig test = new(release);
        ICudaEngine engine = test.Engine();
        Assert.Contains("RefitKind.All", Assert.Throws<ArgumentException>(() => new Trt.Utils.Refitting(engine, test.Rig.Library)).Message, StringComparison.Ordinal);
        Trt.Utils.Refitting gone = test.Refit(test.Engine(BuilderFlag.Refit));
        gone.Dispose();
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gone.Names);
        Assert.Throws<ObjectDisposedException>(gone.Apply);
    }
}
