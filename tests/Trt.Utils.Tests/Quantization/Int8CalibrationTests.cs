using Trt.Interop;
using Trt.Utils.Tests.Processes;
using Xunit;

namespace Trt.Utils.Tests.Quantization;

/// <summary>Calibration of LeNet through the CPU runtime's calibrators: the scales are those that TensorRT 8.6.0 found for the same digits.</summary>
public class Int8CalibrationTests
{
    public static TheoryData<string> Kinds => ["minmax", "entropy2", "entropy", "legacy"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Scales_are_TensorRts(string kind)
    {
        using Int8Calibration calibration = Int8Calibration.FromBatches(Digits.Batches);
        calibration.Algorithm = Digits.Algorithm(kind);
        IReadOnlyDictionary<string, float> scales = Calibrate(calibration);
        (string Tensor, float Scale)[] common = [.. Digits.Golden(kind).Scales.Where(entry => scales.ContainsKey(entry.Tensor))];

        // The older two algorithms do not see what is lost in fusions.
        string[] always = kind is "minmax" or "entropy2" ? ["data", "/MaxPool_output_0", "/MaxPool_1_output_0", "/Relu_output_0", "prob"] : ["data", "/MaxPool_output_0", "/MaxPool_1_output_0", "prob"];
        Assert.Superset(always.ToHashSet(), common.Select(entry => entry.Tensor).ToHashSet());

        // Min-max and the legacy algorithm follow from the numbers alone; the entropy search has shallow minima, which the last bits of a run decide.
        double tolerance = kind is "minmax" or "legacy" ? 1e-4 : 0.15;
        Assert.All(common, entry => Assert.Equal(1, scales[entry.Tensor] / entry.Scale, tolerance));
    }

    [Fact]
    public void Every_kind_of_source_finds_the_same_scales()
    {
        using ScratchFolder folder = new();
        using NpzFile npz = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        List<int> items = [.. Enumerable.Range(0, Digits.Count)];
        Dictionary<string, Int8Calibration> sources = new()
        {
            ["batches"] = Int8Calibration.FromBatches(Digits.Batches),
            ["arrays as batches"] = Int8Calibration.FromBatches(Enumerable.Range(0, 10).Select(batch => Digits.Data.AsSpan(batch * 20 * 784, 20 * 784).ToArray()), 20, 1, 28, 28),
            ["named batches"] = Int8Calibration.FromBatches(Digits.Batches.Select(batch => new Dictionary<string, CalibrationTensor> { ["data"] = batch })),
            ["asynchronous batches"] = Int8Calibration.FromBatches(Later(Digits.Batches)),
            ["named asynchronous batches"] = Int8Calibration.FromBatches(Later(Digits.Batches.Select(batch => (IReadOnlyDictionary<string, CalibrationTensor>)new Dictionary<string, CalibrationTensor> { ["data"] = batch }))),
            ["one batch of all"] = Int8Calibration.FromBatches([CalibrationTensor.From(Digits.Data, 200, 1, 28, 28)]),
            ["items"] = Int8Calibration.FromItems(items, Digits.Item, new Dims(1, 28, 28), streamBatchSize: 20, cacheFile: null),
            ["named items"] = Int8Calibration.FromItems(items, item => new Dictionary<string, CalibrationTensor> { ["data"] = Digits.Item(item) }, cacheFile: null),
            ["asynchronous items"] = Int8Calibration.FromItems(Later(items), (item, _) => ValueTask.FromResult(Digits.Item(item)), streamBatchSize: 8, cacheFile: null),
            ["an archive"] = Int8Calibration.FromNpz(npz, streamBatchSize: 50, cacheFile: null),
            ["arrays"] = Int8Calibration.FromArrays(new Dictionary<string, CalibrationTensor> { ["data"] = CalibrationTensor.From(npz["data"]), ["labels"] = CalibrationTensor.From(npz["labels"]) }, 20, cacheFile: null),
            ["a folder of pictures"] = Int8Calibration.FromFolder(Path.GetDirectoryName(ModelFiles.Find("digits/0_000.pgm"))!, [1, 28, 28], streamBatchSize: 20, cacheFile: null),
            ["a folder of pictures in the network's own shape"] = Int8Calibration.FromFolder(Path.GetDirectoryName(ModelFiles.Find("digits/0_000.pgm"))!, streamBatchSize: 20, cacheFile: null),
            ["a folder with a loader"] = Int8Calibration.FromFolder(Path.GetDirectoryName(ModelFiles.Find("digits/0_000.pgm"))!, Pixels, path => path.EndsWith(".pgm", StringComparison.Ordinal), cacheFile: null),
        };
        foreach ((string name, Int8Calibration source) in sources)
        {
            using (source)
            {
                source.Algorithm = CalibrationAlgoType.MinmaxCalibration;
                IReadOnlyDictionary<string, float> scales = Calibrate(source);
                Assert.All(Digits.Golden("minmax").Scales.Where(entry => scales.ContainsKey(entry.Tensor)), entry => Assert.True(Math.Abs(scales[entry.Tensor] / entry.Scale - 1) < 1e-4, $"{name}: {entry.Tensor} {scales[entry.Tensor]} for {entry.Scale}"));
                Assert.True(scales.ContainsKey("prob"), name);
            }
        }
    }

    [Fact]
    public void The_calibrated_engine_keeps_the_accuracy()
    {
        using Rig rig = new();
        using Int8Calibration calibration = Int8Calibration.FromBatches(Digits.Batches);
        INetworkDefinition network = rig.Parsed(ModelFiles.Find("lenet.onnx"));
        IBuilderConfig config = rig.Config();
        rig.Profile(config, ("data", [1, 1, 28, 28], [Digits.Count, 1, 28, 28]));
        QuantizationReport report = calibration.Apply(rig.Builder, network, config, rig.Library);
        Assert.Equal((QuantizationMethod.Calibrator, DataType.Int8), (report.Method, report.Type));
        Assert.True(config.GetFlag(BuilderFlag.Int8));
        float[] prob = rig.Run(rig.Plan(network, config), ("data", Digits.Data, [Digits.Count, 1, 28, 28]))["prob"];
        using Rig plain = new();
        IBuilderConfig float32 = plain.Config();
        plain.Profile(float32, ("data", [1, 1, 28, 28], [Digits.Count, 1, 28, 28]));
        float[] exact = plain.Run(plain.Plan(plain.Parsed(ModelFiles.Find("lenet.onnx")), float32), ("data", Digits.Data, [Digits.Count, 1, 28, 28]))["prob"];
        Assert.NotEqual(exact, prob);
        Assert.Equal(Digits.Accuracy(exact), Digits.Accuracy(prob), 0.01);
        Assert.Contains(rig.Log.Lines, line => line.Text == "Calibration was shown 10 batches of 20.");
    }

    [Fact]
    public void The_legacy_algorithm_is_given_quantile_and_cutoff()
    {
        // Of 100 magnitudes 1 to 100 in 2,048 bins the median's bin ends at or just above 50.
        float[] x = [.. Enumerable.Range(1, 100).Select(value => (float)value)];
        using Int8Calibration calibration = Int8Calibration.FromBatches([x], 1, 100);
        (calibration.Algorithm, calibration.Quantile, calibration.RegressionCutoff) = (CalibrationAlgoType.LegacyCalibration, 0.5, 1);
        Assert.InRange(Tiny.Calibrate(calibration, [-1, 100]) * 127, 50, 51.2);
    }

    [Fact]
    public void Excluded_layers_compute_with_real_numbers()
    {
        float[] data = [0.123456f, -1];
        Assert.Equal(data, Run("conv"));
        Assert.Equal(data.Select(value => MathF.Round(value * 127) / 127), Run("another"), (left, right) => Math.Abs(left - right) < 1e-6);

        float[] Run(string excluded)
        {
            using Rig rig = new();
            INetworkDefinition network = rig.Network();
            ITensor x = network.AddInput("x", DataType.Float, [1, 1, 1, 2]);
            IConvolutionLayer layer = network.AddConvolutionNd(x, 1, [1, 1], Trt.Interop.Weights.From([1f]), default);
            layer.Name = "conv";
            layer.GetOutput(0).Name = "y";
            network.MarkOutput(layer.GetOutput(0));
            using Int8Calibration calibration = Int8Calibration.FromBatches([data], 1, 1, 1, 2);
            calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
            calibration.ExcludedLayers.Add(excluded);
            IBuilderConfig config = rig.Config();
            calibration.Apply(rig.Builder, network, config, rig.Library);
            return rig.Run(rig.Plan(network, config), ("x", data, [1, 1, 1, 2]))["y"];
        }
    }

    private static CalibrationTensor Pixels(string path)
    {
        Image image = Image.Load(path);
        return CalibrationTensor.From(image.Data.ToArray().Select(pixel => pixel / 255f).ToArray(), 1, image.Height, image.Width);
    }

    private static IReadOnlyDictionary<string, float> Calibrate(Int8Calibration calibration)
    {
        using Rig rig = new();
        INetworkDefinition network = rig.Parsed(ModelFiles.Find("lenet.onnx"));
        IBuilderConfig config = rig.Config();
        rig.Profile(config, ("data", [1, 1, 28, 28], [32, 1, 28, 28]));
        calibration.Apply(rig.Builder, network, config, rig.Library);
        rig.Plan(network, config);
        Assert.Empty(rig.Log.Errors);
        return calibration.Scales;
    }

    private static async IAsyncEnumerable<T> Later<T>(IEnumerable<T> items)
    {
        foreach (T item in items)
        {
            await Task.Yield();
            yield return item;
        }
    }
}
