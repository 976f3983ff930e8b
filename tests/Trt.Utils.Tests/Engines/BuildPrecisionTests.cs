using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>One set of options gives every kind of library its precision: flags where there is weak typing, else a network that is rewritten.</summary>
[Collection(RtxCollection.Name)]
public sealed class BuildPrecisionTests
{
    private static readonly BuildOptions Typed = new() { StronglyTyped = true, DynamicExtents = new(1, 10, 200) };

    [Theory]
    [InlineData(Precision.FP16, DataType.Half, 0.06)]
    [InlineData(Precision.BF16, DataType.BF16, 0.5)]
    [InlineData(Precision.FP16 | Precision.BF16, DataType.Half, 0.06)]
    public void Strongly_typed_networks_are_rewritten_to_16_bits_and_still_read_digits(Precision precision, DataType type, double tolerance)
    {
        List<DataType> outputs = [];
        BuildOptions options = Typed with { Precision = precision };

        using BuiltEngine built = Build(ModelSource.FromOnnx(ModelFiles.Find("lenet.onnx")), options, outputs);

        Assert.Contains(type, outputs);
        Assert.Empty(built.Report.Warnings);
        AssertDigits(built, tolerance);
    }

    [Fact]
    public void Layers_are_kept_in_32_bits_by_name()
    {
        INetworkDefinition? seen = null;
        using BuiltEngine built = Builder().Build(EngineTestModels.DefineConvolution, new BuildOptions
        {
            StronglyTyped = true,
            Precision = Precision.FP16,
            PrecisionConstraints = PrecisionConstraints.Obey,
            LayerPrecisions = [new("conv2", DataType.Float), new("nobody*", DataType.Float)],
            Customize = network => seen = network,
            Configure = _ =>
            {
                Dictionary<string, DataType> kernels = Enumerable.Range(0, seen!.NbLayers).Select(seen.GetLayer).OfType<IConvolutionLayer>().ToDictionary(layer => layer.Name, layer => layer.KernelWeights.Type);
                Assert.Equal(DataType.Half, kernels["conv1"]);
                Assert.Equal(DataType.Float, kernels["conv2"]);
            },
        });

        Assert.Equal("LayerPrecisions: no layer is called \"nobody*\".", Assert.Single(built.Report.Warnings));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Int8_by_the_same_call_with_calibrator_or_written_layers(bool typed)
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        float[] data = golden["data"].ToArray<float>();
        using Int8Calibration calibration = Int8Calibration.FromBatches<float>(data.Chunk(20 * 28 * 28), 20, 1, 28, 28);
        bool quantized = false;
        BuildOptions options = Typed with
        {
            StronglyTyped = typed,
            Precision = Precision.Int8,
            Calibration = calibration,
            Configure = config =>
            {
                Assert.Equal(!typed, config.Int8Calibrator is not null);
                Assert.Equal(!typed, config.GetFlag(BuilderFlag.Int8));
            },
        };

        using BuiltEngine built = Builder().Build(ModelSource.FromOnnx(ModelFiles.Find("lenet.onnx")), options with { Customize = network => quantized = PrecisionOptions.HasQuantization(network) });

        Assert.False(quantized);
        Assert.NotEmpty(calibration.Scales);
        Assert.Empty(built.Report.Warnings);
        AssertDigits(built, 1.5);
    }

    [Theory]
    [InlineData(CalibrationAlgoType.EntropyCalibration2)]
    [InlineData(CalibrationAlgoType.MinmaxCalibration)]
    [InlineData(CalibrationAlgoType.EntropyCalibration)]
    [InlineData(CalibrationAlgoType.LegacyCalibration)]
    public void Cache_of_a_calibration_builds_the_same_engine_without_data(CalibrationAlgoType algorithm)
    {
        using Weights.ScratchFolder folder = new();
        string path = Path.Combine(folder.Path, "lenet.cache");
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        float[] data = golden["data"].ToArray<float>();
        using Int8Calibration calibration = Int8Calibration.FromBatches<float>(data.Chunk(20 * 28 * 28).Take(2), 20, 1, 28, 28);
        (calibration.Algorithm, calibration.CacheFile) = (algorithm, path);
        ModelSource lenet = ModelSource.FromOnnx(ModelFiles.Find("lenet.onnx"));
        BuildOptions options = new() { Precision = Precision.Int8, DynamicExtents = new(1, 10, 200) };

        using BuiltEngine calibrated = Builder().Build(lenet, options with { Calibration = calibration });
        using BuiltEngine cached = Builder().Build(lenet, options with { CalibrationCache = path });

        Assert.Equal(Outputs(calibrated, data), Outputs(cached, data));
        Assert.Empty(cached.Report.Warnings);

        static float[] Outputs(BuiltEngine built, float[] data)
        {
            using ICudaEngine engine = built.Load();
            return EngineRun.Run(engine, "data", [200, 1, 28, 28], data, "prob");
        }
    }

    [Fact]
    public void File_that_is_no_calibration_cache_is_refused()
    {
        using Weights.ScratchFolder folder = new();
        string path = folder.Write("c", "hello\n"u8.ToArray());
        BuildOptions options = new() { Precision = Precision.Int8, CalibrationCache = path };

        Assert.Contains("does not begin like a calibration cache", Assert.Throws<BuildRefusedException>(() => Builder().Build(EngineTestModels.DefineConvolution, options)).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<BuildRefusedException>(() => Builder().Build(EngineTestModels.DefineConvolution, options with { CalibrationCache = path + "2" })).Message, StringComparison.Ordinal);
        Assert.Contains("it has quantize layers", Assert.Throws<BuildRefusedException>(() => Builder().Build(EngineTestModels.DefineConvolution, options with { StronglyTyped = true })).Message, StringComparison.Ordinal);
        Assert.Contains("it serves Precision.Int8", Assert.Throws<BuildRefusedException>(() => Builder().Build(EngineTestModels.DefineConvolution, options with { Precision = Precision.FP16 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Best_takes_a_calibration_in_both_kinds_of_typing()
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        float[] data = golden["data"].ToArray<float>();
        using Int8Calibration calibration = Int8Calibration.FromBatches<float>(data.Chunk(20 * 28 * 28).Take(2), 20, 1, 28, 28);
        ModelSource lenet = ModelSource.FromOnnx(ModelFiles.Find("lenet.onnx"));

        using BuiltEngine typed = Builder().Build(lenet, Typed with { Precision = Precision.Best, Calibration = calibration });
        using BuiltEngine weak = Builder().Build(lenet, Typed with { StronglyTyped = null, Precision = Precision.Best, Calibration = calibration });
        using BuiltEngine without = Builder().Build(lenet, Typed with { Precision = Precision.Best });

        Assert.Empty(typed.Report.Warnings);
        Assert.Equal("Precision.Best: without BF16, because this GPU has none.", Assert.Single(weak.Report.Warnings));
        Assert.Equal("Precision.Best: without Int8, because there is no Calibration and the model has no quantize layers.", Assert.Single(without.Report.Warnings));
        AssertDigits(typed, 2);
        AssertDigits(weak, 2);
    }

    [Fact]
    public void Calibration_without_int8_and_calibration_of_what_is_quantized_already()
    {
        using Int8Calibration calibration = Int8Calibration.FromBatches<float>([new float[12]], 3, 4);

        Assert.Contains("Calibration: it serves", Assert.Throws<BuildRefusedException>(() => Builder().Build(EngineTestModels.DefineStatic, new BuildOptions { Calibration = calibration })).Message, StringComparison.Ordinal);
        using BuiltEngine built = Builder().Build(
            network =>
            {
                ITensor x = network.AddInput("x", DataType.Float, [3, 4]);
                ITensor scale = network.AddConstant([], Interop.Weights.From(new[] { 0.5f })).GetOutput(0);
                ITensor y = network.AddDequantize(network.AddQuantize(x, scale).GetOutput(0), scale).GetOutput(0);
                y.Name = "y";
                network.MarkOutput(y);
            },
            new BuildOptions { Precision = Precision.Int8, Calibration = calibration });

        Assert.Equal("Calibration: the model has quantize layers already, so that it was not used.", Assert.Single(built.Report.Warnings));
    }

    [Fact]
    public void Network_in_which_nothing_can_be_converted_says_so()
    {
        using BuiltEngine built = Builder().Build(
            network =>
            {
                ITensor x = network.AddInput("x", DataType.Int32, [4]);
                ITensor y = network.AddElementWise(x, x, ElementWiseOperation.Sum).GetOutput(0);
                y.Name = "y";
                network.MarkOutput(y);
            },
            new BuildOptions { StronglyTyped = true, Precision = Precision.FP16 });

        Assert.Equal("Precision = FP16: no layer was made to compute in Half; the network has none that computes in Float.", Assert.Single(built.Report.Warnings));
    }

    [Fact]
    public void Weights_keep_their_names_for_refits_when_they_are_converted()
    {
        using BuiltEngine built = Builder().Build(ModelSource.FromWeights(ModelFiles.Find("lenet.pth")), Typed with { Precision = Precision.FP16, Refit = RefitKind.All });
        using ICudaEngine engine = built.Load();
        using IRefitter refitter = EngineTestModels.Library().CreateInferRefitter(engine, new CollectingLogger());

        Assert.Contains("conv1.weight", refitter.GetAllWeights());
        AssertDigits(built, 0.06);
    }

    [Fact]
    public void Precisions_are_read_back_from_a_detailed_engine()
    {
        using BuiltEngine half = Builder().Build(EngineTestModels.DefineConvolution, new BuildOptions { StronglyTyped = true, Precision = Precision.FP16, ProfilingVerbosity = ProfilingVerbosity.Detailed });

        Assert.Empty(half.Report.Warnings);
        Assert.Equal([DataType.Float, DataType.Half], LayerTypes.Of("""{"Layers":[{"Inputs":[{"Format/Datatype":"Row major linear FP32"}]},{"Outputs":[{"Format/Datatype":"Two wide channel vectorized row major FP16 format"}]}]}""").Order());
        Assert.Empty(LayerTypes.Of("no JSON"));
        Assert.Empty(LayerTypes.Of("[1]"));
    }

    [SkippableTheory]
    [InlineData(Precision.FP16)]
    [InlineData(Precision.BF16)]
    [InlineData(Precision.Best)]
    public void TensorRT_RTX_builds_rewritten_networks(Precision precision)
    {
        List<DataType> outputs = [];
        EngineBuilder builder = new(RtxLibrary.LoadGoldenRelease(), new CollectingLogger());
        INetworkDefinition? seen = null;
        BuildOptions options = new() { Precision = precision, DynamicExtents = new(1, 4, 8), ComputeCapabilities = [ComputeCapability.SM86], Customize = network => seen = network, Configure = _ => Collect(seen!, outputs) };

        using BuiltEngine built = builder.Build(ModelFiles.Find("lenet.onnx"), options);

        Assert.Contains(precision == Precision.BF16 ? DataType.BF16 : DataType.Half, outputs);
        Assert.True(built.Length < 4 * 431_080, "LeNet's 431,080 parameters take two bytes each.");
    }

    [SkippableFact]
    public void TensorRT_RTX_gets_layers_that_quantize_from_a_calibration()
    {
        CpuRuntimeIsThere();
        List<LayerType> layers = [];
        INetworkDefinition? seen = null;
        using Int8Calibration calibration = Int8Calibration.FromBatches<float>([[.. Enumerable.Range(0, 64).Select(i => (i - 32) / 16f)]], 4, 16);
        EngineBuilder builder = new(RtxLibrary.LoadGoldenRelease(), new CollectingLogger());

        using BuiltEngine built = builder.Build(
            network =>
            {
                ITensor x = network.AddInput("x", DataType.Float, [4, 16]);
                ITensor matrix = network.AddConstant([16, 16], Interop.Weights.From([.. Enumerable.Range(0, 256).Select(i => ((i * 7 % 31) - 15) / 16f)])).GetOutput(0);
                ITensor y = network.AddMatrixMultiply(x, MatrixOperation.None, matrix, MatrixOperation.None).GetOutput(0);
                y.Name = "y";
                network.MarkOutput(y);
            },
            new BuildOptions
            {
                Precision = Precision.Int8,
                Calibration = calibration,
                ComputeCapabilities = [ComputeCapability.SM86],
                Customize = network => seen = network,
                Configure = _ => layers.AddRange(Enumerable.Range(0, seen!.NbLayers).Select(i => seen.GetLayer(i).Type)),
            });

        Assert.Contains(LayerType.Quantize, layers);
        Assert.Contains(LayerType.Dequantize, layers);
        Assert.True(built.Length > 0);
    }

    private static void CpuRuntimeIsThere() => EngineTestModels.Library();

    private static EngineBuilder Builder() => new(EngineTestModels.Library(), new CollectingLogger());

    private static BuiltEngine Build(ModelSource source, BuildOptions options, List<DataType> outputs)
    {
        INetworkDefinition? seen = null;
        return Builder().Build(source, options with { Customize = network => seen = network, Configure = _ => Collect(seen!, outputs) });
    }

    private static void Collect(INetworkDefinition network, List<DataType> outputs) =>
        outputs.AddRange(Enumerable.Range(0, network.NbLayers).Select(network.GetLayer).Where(layer => layer.NbOutputs > 0).Select(layer => layer.GetOutput(0).Type));

    private static void AssertDigits(BuiltEngine built, double tolerance)
    {
        using ICudaEngine engine = built.Load();
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        float[] expected = golden["prob"].ToArray<float>();
        float[] actual = EngineRun.Run(engine, "data", [200, 1, 28, 28], golden["data"].ToArray<float>(), "prob");
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}
