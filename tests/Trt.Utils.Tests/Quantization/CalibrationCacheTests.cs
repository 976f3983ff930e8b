using Trt.Interop;
using Trt.Utils.Tests.Processes;
using Xunit;

namespace Trt.Utils.Tests.Quantization;

/// <summary>Scales are kept in NVIDIA's text format and used again for the same model and data only.</summary>
public class CalibrationCacheTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_next_build_reads_only_the_first_batch(bool isStronglyTyped)
    {
        using ScratchFolder folder = new();
        string cache = folder["digits.cache"];
        (float[] first, int loaded, _) = LeNet(cache, isStronglyTyped);
        Assert.Equal(40, loaded);
        Assert.Equal(["digits.cache", "digits.cache.json"], folder.Files);
        Assert.StartsWith("TRT-8600-MinMaxCalibration\ndata: 3c010204\n", File.ReadAllText(cache), StringComparison.Ordinal);
        (float[] second, loaded, Rig rig) = LeNet(cache, isStronglyTyped);
        Assert.Equal(10, loaded);
        Assert.Equal(first, second);
        Assert.Contains(rig.Log.Lines, line => line.Text == $"Scales come from the calibration cache {cache}.");
    }

    [Fact]
    public void NVIDIAs_file_is_used_when_it_is_accepted()
    {
        using ScratchFolder folder = new();
        string cache = folder["nvidia.cache"];
        File.Copy(Digits.GoldenPath("minmax"), cache);
        using Rig rig = new();
        using Int8Calibration calibration = Int8Calibration.FromBatches(Digits.Batches);
        (calibration.CacheFile, calibration.AcceptForeignCache, calibration.Algorithm) = (cache, true, CalibrationAlgoType.MinmaxCalibration);
        INetworkDefinition network = rig.Parsed(ModelFiles.Find("lenet.onnx"));
        IBuilderConfig config = rig.Config();
        rig.Profile(config, ("data", [1, 1, 28, 28], [32, 1, 28, 28]));
        calibration.Apply(rig.Builder, network, config, rig.Library);
        rig.Plan(network, config);
        Assert.Equal(Digits.Golden("minmax").Scales.Select(entry => entry.Scale), Digits.Golden("minmax").Scales.Select(entry => calibration.Scales[entry.Tensor]));
        Assert.Equal(File.ReadAllBytes(Digits.GoldenPath("minmax")), File.ReadAllBytes(cache));
        Assert.DoesNotContain(rig.Log.Lines, line => line.Text.StartsWith("Calibration was shown", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("other data", "it was made with other data")]
    [InlineData("other items", "it was made with other data")]
    [InlineData("other batch", "it was made with other data")]
    [InlineData("other model", "it is of another model")]
    [InlineData("other weights", "it is of another model")]
    [InlineData("other algorithm", "it was written by MinMaxCalibration, not EntropyCalibration2")]
    [InlineData("no key", "there is no x.cache.json beside it that says of which model and data it is. Set AcceptForeignCache")]
    [InlineData("damaged key", "x.cache.json beside it is damaged")]
    [InlineData("changed", "it is not the file that x.cache.json beside it was written for")]
    [InlineData("damaged", "the first line does not name a calibration algorithm")]
    public void Others_are_not_used_and_the_log_says_why(string what, string reason)
    {
        using ScratchFolder folder = new();
        string cache = folder["x.cache"];
        Pool([1, 2, 3], 2, CalibrationAlgoType.MinmaxCalibration, 1, [-1, 1]);
        string before = File.ReadAllText(cache);
        switch (what)
        {
            case "no key":
                File.Delete(cache + ".json");
                break;
            case "damaged key":
                File.WriteAllText(cache + ".json", "{\"model\": 1");
                break;
            case "changed":
                File.WriteAllText(cache, before + "z: 3c010204\n");
                break;
            case "damaged":
                File.WriteAllText(cache, "nonsense");
                break;
        }

        Rig rig = Pool(
            what == "other data" ? [9, 2, 3] : what == "other items" ? [1, 2, 4, 4] : [1, 2, 3], what == "other batch" ? 1 : 2,
            what == "other algorithm" ? CalibrationAlgoType.EntropyCalibration2 : CalibrationAlgoType.MinmaxCalibration,
            what == "other weights" ? 2 : 1, what == "other model" ? [-1, -1] : [-1, 1]);
        Assert.Contains(rig.Log.Lines, line => line.Severity == Severity.Warning && line.Text.StartsWith($"The calibration cache {cache} is not used: {reason}", StringComparison.Ordinal));

        // It was written anew, so that the next build uses it.
        Assert.NotEqual("nonsense", File.ReadAllText(cache));
        Assert.True(File.Exists(cache + ".json"));

        Rig Pool(float[] values, int batch, CalibrationAlgoType algorithm, float weight, Dims shape)
        {
            using Rig rig = new();
            INetworkDefinition network = rig.Network();
            ITensor x = network.AddInput("x", DataType.Float, shape);
            ITensor y = network.AddElementWise(x, network.AddConstant([1, 1], Trt.Interop.Weights.From([weight])).GetOutput(0), ElementWiseOperation.Prod).GetOutput(0);
            y.Name = "y";
            network.MarkOutput(y);
            IBuilderConfig config = rig.Config();
            rig.Profile(config, ("x", [1, 1], [8, 1]));
            using Int8Calibration calibration = Int8Calibration.FromItems(values, value => CalibrationTensor.From([value]), streamBatchSize: batch, cacheFile: cache);
            calibration.Algorithm = algorithm;
            calibration.Apply(rig.Builder, network, config, rig.Library);
            rig.Plan(network, config);
            return rig;
        }
    }

    [Fact]
    public void A_cache_that_cannot_be_written_is_only_a_warning()
    {
        using ScratchFolder folder = new();
        File.WriteAllText(folder["file"], string.Empty);
        using Rig rig = new();
        using Int8Calibration calibration = Int8Calibration.FromItems(Enumerable.Range(1, 3), item => CalibrationTensor.From([(float)item]), cacheFile: Path.Combine(folder["file"], "x.cache"));
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        Assert.Equal(3f / 127, Tiny.Calibrate(calibration, [-1, 1], rig), 1e-6f);
        Assert.Contains(rig.Log.Lines, line => line.Severity == Severity.Warning && line.Text.StartsWith("The calibration cache cannot be kept", StringComparison.Ordinal));
    }

    private static (float[] Prob, int Loaded, Rig Rig) LeNet(string cache, bool isStronglyTyped)
    {
        using Rig rig = new();
        int loaded = 0;
        using Int8Calibration calibration = Int8Calibration.FromItems(
            Enumerable.Range(0, 40).ToList(),
            item =>
            {
                loaded++;
                return Digits.Item(item);
            },
            streamBatchSize: 10, cacheFile: cache);
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        INetworkDefinition network = rig.Parsed(ModelFiles.Find("lenet.onnx"), isStronglyTyped);
        IBuilderConfig config = rig.Config();
        rig.Profile(config, ("data", [1, 1, 28, 28], [Digits.Batch, 1, 28, 28]));
        calibration.Apply(rig.Builder, network, config, rig.Library);
        byte[] plan = rig.Plan(network, config);
        return (rig.Run(plan, ("data", Digits.Data[..(Digits.Batch * 784)], [Digits.Batch, 1, 28, 28]))["prob"], loaded, rig);
    }
}
