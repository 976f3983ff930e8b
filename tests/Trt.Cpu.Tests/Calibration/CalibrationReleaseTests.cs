using Trt.Interop;
using Trt.Interop.Loading;
using Trt.Utils;
using Xunit;

namespace Trt.Cpu.Tests.Calibration;

/// <summary>One call quantizes on every release: through the tables of each the result is that of the CPU runtime called directly but for the last bit, which depends on where memory lies.</summary>
public class CalibrationReleaseTests
{
    [Theory]
    [InlineData("8.5.3", false, false, QuantizationMethod.Calibrator)]
    [InlineData("8.6.1", false, false, QuantizationMethod.Calibrator)]
    [InlineData("10.16", false, false, QuantizationMethod.Calibrator)]
    [InlineData("10.16", false, true, QuantizationMethod.Explicit)]
    [InlineData("11.1", false, true, QuantizationMethod.Explicit)]
    [InlineData("1.6", true, true, QuantizationMethod.Explicit)]
    public void LeNet_is_quantized(string release, bool isRtx, bool isStronglyTyped, QuantizationMethod method)
    {
        CpuRuntime.Register();
        (float[] direct, _) = Run(TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu }), isStronglyTyped);
        (float[] prob, QuantizationReport report) = Run(new LoopBackLibrary(CpuRuntime.Provider, release, isRtx), isStronglyTyped);
        Assert.Equal(method, report.Method);
        Assert.Equal(method == QuantizationMethod.Explicit ? 4 : 0, report.Quantized.Count);
        Assert.All(direct.Zip(prob), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.InRange(OnnxLeNet.Accuracy(prob), 0.98, 1);
    }

    private static (float[] Prob, QuantizationReport Report) Run(TensorRtLibrary library, bool isStronglyTyped)
    {
        CollectingLogger log = new();
        using IBuilder builder = library.CreateInferBuilder(log);
        using INetworkDefinition network = builder.CreateNetworkV2(
            isStronglyTyped ? [NetworkDefinitionCreationFlag.StronglyTyped] : library.Supports(NetworkDefinitionCreationFlag.ExplicitBatch) ? [NetworkDefinitionCreationFlag.ExplicitBatch] : []);
        OnnxLeNet.Define(network);
        using IBuilderConfig config = builder.CreateBuilderConfig();
        OnnxLeNet.AddProfile(builder, config);
        using Int8Calibration calibration = Int8Calibration.FromBatches([CalibrationTensor.From(OnnxLeNet.Images(), OnnxLeNet.Digits, 1, 28, 28)]);
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        QuantizationReport report = calibration.Apply(builder, network, config, library);
        using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
        using IRuntime runtime = library.CreateInferRuntime(log);
        using ICudaEngine engine = runtime.DeserializeCudaEngine(plan.AsSpan());
        float[] prob = OnnxLeNet.Run(engine);
        Assert.Empty(log.Errors);
        return (prob, report);
    }
}
