using Trt.Interop;
using Trt.Utils.Tests.Processes;
using Xunit;

namespace Trt.Utils.Tests.Quantization;

/// <summary>TensorRT-RTX has no calibrators: the same call calibrates on the CPU runtime, and NVIDIA's parser's networks get layers that quantize, which NVIDIA's builder takes.</summary>
[Collection(RtxCollection.Name)]
public class RtxQuantizationTests
{
    /// <summary>RTX 1.6 has no kernels of 8-bit integers for convolutions and deconvolutions; everything before the choice of kernels is done when it says so.</summary>
    private const string NoKernel = "cudnn_impl.cpp";

    [SkippableFact]
    public void The_encoder_builds()
    {
        using Rig rig = new(RtxLibrary.LoadGoldenRelease());
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("encoder_golden.npz"));
        using Int8Calibration calibration = Int8Calibration.FromArrays(new Dictionary<string, CalibrationTensor> { ["tokens"] = CalibrationTensor.From(golden["tokens"]) }, 8, cacheFile: null);
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        INetworkDefinition network = rig.Parsed(ModelFiles.FindOrSkip("encoder.onnx"), isStronglyTyped: true);
        IBuilderConfig config = rig.Config();
        RtxLibrary.Target(config);
        rig.Profile(config, ("tokens", [1, 1], [16, 32]));
        QuantizationReport report = calibration.Apply(rig.Builder, network, config, rig.Library);
        Assert.True(report.Quantized.Count >= 9, report.ToString());
        Assert.NotEmpty(rig.Plan(network, config));
    }

    [SkippableTheory]
    [InlineData("lenet.onnx", "data", "lenet_golden.npz", "data", 4)]
    [InlineData("unet.onnx", "image", "unet_golden.npz", "image", 13)]
    [InlineData("shapes_retinanet.onnx", "input_1", "shapes_retinanet_golden.npz", "a_input_1", 88)]
    public void Convolutions_are_taken_up_to_the_choice_of_kernels(string model, string input, string goldens, string array, int layers)
    {
        using Rig rig = new(RtxLibrary.LoadGoldenRelease());
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip(goldens));
        CalibrationTensor pictures = CalibrationTensor.From(golden[array]);
        using Int8Calibration calibration = Int8Calibration.FromArrays(new Dictionary<string, CalibrationTensor> { [input] = pictures }, 8, cacheFile: null);
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        INetworkDefinition network = rig.Parsed(ModelFiles.FindOrSkip(model), isStronglyTyped: true);
        IBuilderConfig config = rig.Config();
        RtxLibrary.Target(config);
        if (network.GetInput(0).Dimensions[0] < 0)
        {
            rig.Profile(config, (input, new Dims([1, .. pictures.Shape.AsSpan()[1..]]), pictures.Shape));
        }

        Dims[] before = [.. Enumerable.Range(0, network.NbOutputs).Select(output => network.GetOutput(output).Dimensions)];
        QuantizationReport report = calibration.Apply(rig.Builder, network, config, rig.Library);
        Assert.True(report.Quantized.Count + report.LeftAlone.Count == layers, report.ToString());

        // At the detector's coarsest level a ReLU puts out nothing for that picture.
        Assert.All(report.LeftAlone, left => Assert.EndsWith("is zero everywhere in the calibration data", left.Reason, StringComparison.Ordinal));
        Assert.InRange(report.LeftAlone.Count, 0, 1);
        Assert.Equal(before, Enumerable.Range(0, network.NbOutputs).Select(output => network.GetOutput(output).Dimensions));
        Assert.True(!rig.Log.Errors.Any(), string.Join('\n', rig.Log.Errors));
        TensorRtException error = Assert.Throws<TensorRtException>(() => rig.Plan(network, config));
        Assert.Contains(NoKernel, error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("lenet.onnx", "data", 1, 28)]
    [InlineData("unet.onnx", "image", 3, 64)]
    public void In_FP8_convolutions_build_for_GPUs_that_have_it(string model, string input, int channels, int size)
    {
        using Rig rig = new(RtxLibrary.LoadGoldenRelease());
        Random random = new(7);
        float[] picture = [.. Enumerable.Range(0, channels * size * size).Select(_ => random.NextSingle())];
        using Int8Calibration calibration = Int8Calibration.FromBatches([CalibrationTensor.From(picture, 1, channels, size, size)]);
        calibration.ExcludedTypes.Add(LayerType.Deconvolution);
        INetworkDefinition network = rig.Parsed(ModelFiles.FindOrSkip(model), isStronglyTyped: true);
        IBuilderConfig config = rig.Config();
        config.NbComputeCapabilities = 1;
        config.SetComputeCapability(ComputeCapability.SM89, 0);
        rig.Profile(config, (input, [1, channels, size, size], [2, channels, size, size]));
        QuantizationReport report = calibration.Apply(rig.Builder, network, config, rig.Library, DataType.FP8);
        Assert.True(report.Quantized.Count >= 4, report.ToString());
        Assert.NotEmpty(rig.Plan(network, config));
    }

    [SkippableTheory]
    [InlineData(DataType.Int8)]
    [InlineData(DataType.FP8)]
    public void The_encoder_builds_with_the_rest_in_halves(DataType type)
    {
        using Rig rig = new(RtxLibrary.LoadGoldenRelease());
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("encoder_golden.npz"));
        using Int8Calibration calibration = Int8Calibration.FromArrays(new Dictionary<string, CalibrationTensor> { ["tokens"] = CalibrationTensor.From(golden["tokens"]) }, 8, cacheFile: null);
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        INetworkDefinition network = rig.Parsed(ModelFiles.FindOrSkip("encoder.onnx"), isStronglyTyped: true);
        IBuilderConfig config = rig.Config();
        config.NbComputeCapabilities = 1;
        config.SetComputeCapability(ComputeCapability.SM89, 0);
        rig.Profile(config, ("tokens", [1, 1], [16, 32]));
        calibration.Apply(rig.Builder, network, config, rig.Library, type);
        network.ConvertPrecision(DataType.Half);
        Assert.NotEmpty(rig.Plan(network, config));
    }

    [SkippableTheory]
    [InlineData(DataType.Half)]
    [InlineData(DataType.BF16)]
    public void Attention_builds_in_16_bits(DataType type)
    {
        using Rig rig = new(RtxLibrary.Load());
        INetworkDefinition network = PrecisionRewriterTests.MaskedAttention(rig);
        network.ConvertPrecision(type);
        IBuilderConfig config = rig.Config();
        RtxLibrary.Target(config);
        Assert.NotEmpty(rig.Plan(network, config));
    }

    [SkippableFact]
    public void Without_the_CPU_runtime_the_error_says_what_to_do()
    {
        using Child child = Child.Start("quantize", RtxLibrary.Folder);
        (int code, string output) = child.Finish();
        Assert.Equal(0, code);
        Assert.Contains("does not calibrate such a network itself, so that the CPU runtime has to, but none is registered. Reference the package Trt.Cpu and call CpuRuntime.Register()", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Conditionals_build_in_halves()
    {
        using Rig rig = new(RtxLibrary.Load());
        INetworkDefinition network = PrecisionRewriterTests.Conditional(rig);
        Assert.Equal(3, network.ConvertPrecision(DataType.Half).Converted.Count(name => !name.Contains("Input", StringComparison.Ordinal) && !name.Contains("Output", StringComparison.Ordinal)));
        IBuilderConfig config = rig.Config();
        RtxLibrary.Target(config);
        Assert.NotEmpty(rig.Plan(network, config));
    }
}
