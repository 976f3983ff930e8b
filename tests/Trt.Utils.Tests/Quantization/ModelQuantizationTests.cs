using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Quantization;

/// <summary>Quantized models of several kinds say on the CPU runtime what they said in 32 bits, whether the library calibrates or layers are written.</summary>
[Collection(RtxCollection.Name)]
public class ModelQuantizationTests
{
    [SkippableTheory]
    [InlineData(DataType.Int8, false)]
    [InlineData(DataType.Int8, true)]
    [InlineData(DataType.FP8, true)]
    [InlineData(DataType.FP8, false)]
    public void UNet_finds_the_same_shapes(DataType type, bool isStronglyTyped)
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("unet_golden.npz"));
        CalibrationTensor images = CalibrationTensor.From(golden["image"]);
        long[] labels = Integers(golden["labels"]);
        using Int8Calibration calibration = Int8Calibration.FromBatches([images]);
        float[] logits = Run("unet.onnx", calibration, type, isStronglyTyped, "image", golden["image"].ToFloat32(), images.Shape)["logits"];
        int pixels = 64 * 64;
        int right = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            (int image, int pixel) = Math.DivRem(i, pixels);
            int best = Enumerable.Range(0, 4).MaxBy(label => logits[(((image * 4) + label) * pixels) + pixel]);
            right += best == labels[i] ? 1 : 0;
        }

        double exact = Exact(golden["logits"].ToFloat32(), labels, 4, pixels);
        Assert.Equal(exact, right / (double)labels.Length, 0.01);
    }

    [SkippableTheory]
    [InlineData(DataType.Int8, false)]
    [InlineData(DataType.Int8, true)]
    [InlineData(DataType.FP8, true)]
    public void The_encoder_sorts_as_before(DataType type, bool isStronglyTyped)
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("encoder_golden.npz"));
        using Int8Calibration calibration = Int8Calibration.FromArrays(new Dictionary<string, CalibrationTensor> { ["tokens"] = CalibrationTensor.From(golden["tokens"]) }, 8, cacheFile: null);
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        long[] tokens = golden["tokens"].ToArray<long>();
        Dims shape = new(golden["tokens"].Shape.AsSpan());
        float[] logits = Run("encoder.onnx", calibration, type, isStronglyTyped, "tokens", tokens, shape)["logits"];
        long[] sorted = Integers(golden["sorted"]);
        double right = Enumerable.Range(0, sorted.Length).Count(i => logits.AsSpan(i * 32, 32).IndexOf(logits.AsSpan(i * 32, 32).ToArray().Max()) == sorted[i]) / (double)sorted.Length;
        float[] exact = golden["logits"].ToFloat32();
        double before = Enumerable.Range(0, sorted.Length).Count(i => exact.AsSpan(i * 32, 32).IndexOf(exact.AsSpan(i * 32, 32).ToArray().Max()) == sorted[i]) / (double)sorted.Length;
        Assert.Equal(before, right, 0.02);
    }

    [SkippableFact]
    public void Products_within_loops_are_left_alone_and_the_rest_builds()
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("charrnn_golden.npz"));
        using Int8Calibration calibration = Int8Calibration.FromBatches([CalibrationTensor.From(golden["tokens"])]);
        using Rig rig = new(RtxLibrary.TryLoad());
        INetworkDefinition network = rig.Parsed(ModelFiles.FindOrSkip("charrnn.onnx"), isStronglyTyped: true);
        QuantizationReport report = calibration.Apply(rig.Builder, network, rig.Config(), rig.Library);
        Assert.Single(report.Quantized);
        Assert.Equal(4, report.LeftAlone.Count);
        Assert.All(report.LeftAlone, left => Assert.Contains("it is inside of a loop or conditional", left.Reason, StringComparison.Ordinal));
        IBuilderConfig config = rig.Config();
        if (rig.Library.Flavour == Flavour.TensorRTRtx)
        {
            RtxLibrary.Target(config);
        }

        Assert.NotEmpty(rig.Plan(network, config));
    }

    [Fact]
    public void Inputs_whose_values_are_a_shape_are_fed_too()
    {
        foreach (bool isStronglyTyped in (bool[])[false, true])
        {
            using Rig rig = new();
            INetworkDefinition network = rig.Network(isStronglyTyped);
            ITensor x = network.AddInput("x", DataType.Float, [1, 1, -1, 4]);
            ITensor size = network.AddInput("size", DataType.Int32, [4]);
            IResizeLayer resize = network.AddResize(x);
            resize.SetInput(1, size);
            ITensor y = network.AddConvolutionNd(resize.GetOutput(0), 1, [1, 1], Trt.Interop.Weights.From([2f]), default).GetOutput(0);
            y.Name = "y";
            network.MarkOutput(y);
            IBuilderConfig config = rig.Config();
            IOptimizationProfile profile = rig.Builder.CreateOptimizationProfile();
            foreach ((OptProfileSelector point, int height) in (ReadOnlySpan<(OptProfileSelector, int)>)[(OptProfileSelector.Min, 1), (OptProfileSelector.Opt, 4), (OptProfileSelector.Max, 8)])
            {
                profile.SetDimensions("x", point, [1, 1, height, 4]);
                profile.SetShapeValues("size", point, [1, 1, height, 4]);
            }

            config.AddOptimizationProfile(profile);
            using Int8Calibration calibration = Int8Calibration.FromBatches([new Dictionary<string, CalibrationTensor>
            {
                ["x"] = CalibrationTensor.From([0.5f, -1, 0.25f, 0], 1, 1, 1, 4),
                ["size"] = CalibrationTensor.From([1, 1, 2, 4]),
            }]);
            calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
            calibration.Apply(rig.Builder, network, config, rig.Library);
            rig.Plan(network, config);
            Assert.Equal(1f / 127, calibration.Scales["x"]);
        }
    }

    private static Dictionary<string, float[]> Run(string model, Int8Calibration calibration, DataType type, bool isStronglyTyped, string input, Array values, Dims shape)
    {
        using Rig rig = new();
        INetworkDefinition network = rig.Parsed(ModelFiles.FindOrSkip(model), isStronglyTyped);
        IBuilderConfig config = rig.Config();
        rig.Profile(config, (input, shape, shape));
        QuantizationReport report = calibration.Apply(rig.Builder, network, config, rig.Library, type);
        Assert.Equal(isStronglyTyped || type == DataType.FP8 ? QuantizationMethod.Explicit : QuantizationMethod.Calibrator, report.Method);
        Dictionary<string, float[]> outputs = rig.Run(rig.Plan(network, config), (input, values, shape));
        Assert.True(!rig.Log.Errors.Any(), string.Join('\n', rig.Log.Errors));
        return outputs;
    }

    private static double Exact(float[] logits, long[] labels, int classes, int pixels) => Enumerable.Range(0, labels.Length).Count(i =>
        Enumerable.Range(0, classes).MaxBy(label => logits[((((i / pixels) * classes) + label) * pixels) + (i % pixels)]) == labels[i]) / (double)labels.Length;

    private static long[] Integers(NpzArray array) => array.DType switch
    {
        NpzDType.Int64 => array.ToArray<long>(),
        NpzDType.Int32 => Array.ConvertAll(array.ToArray<int>(), value => (long)value),
        _ => Array.ConvertAll(array.ToArray<byte>(), value => (long)value),
    };
}
