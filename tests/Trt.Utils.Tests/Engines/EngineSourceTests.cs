using Trt.Interop;
using Trt.Utils.Tests.Weights;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>Engines from weights, out of a cache, and with a timing cache.</summary>
public sealed class EngineSourceTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly EngineBuilder builder = new(EngineTestModels.Library(), new CollectingLogger());

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Checkpoint_is_recognised_and_reads_digits()
    {
        using BuiltEngine built = builder.Build(ModelSource.FromWeights(ModelFiles.Find("lenet.pth")), new BuildOptions { TF32 = false, DynamicExtents = new(1, 10, 200) });

        AssertReadsDigits(built);
        Assert.Equal("weights", built.Report.Source.Kind);
        Assert.Empty(built.Report.Warnings);
    }

    [Fact]
    public void Open_weights_and_a_builder_of_choice_whose_ranges_are_taken()
    {
        using WeightsMap weights = WeightsMap.Open(ModelFiles.Find("lenet.pth"));

        using BuiltEngine built = builder.Build(weights, new LeNet { InputName = "digits" });

        Assert.Equal(new ShapeRange([1, 1, 28, 28], [8, 1, 28, 28], [64, 1, 28, 28]), built.Report.Profiles[0]["digits"]);
        Assert.Empty(built.Report.Warnings);
    }

    [Fact]
    public void Weights_that_nobody_recognises_and_weights_left_over()
    {
        using WeightsMap weights = WeightsMap.Open(ModelFiles.Find("lenet.pth"));
        using WeightsMap strange = WeightsMap.From(new Dictionary<string, TorchTensor> { ["q"] = TorchTensor.FromArray(new float[1], 1) });

        BuildRefusedException refused = Assert.Throws<BuildRefusedException>(() => builder.Build(strange));
        using BuiltEngine more = builder.Build(weights.With("extra.weight", TorchTensor.FromArray(new float[1], 1)));

        Assert.Contains("weights: none of RetinaNet, ResNet, UNet", refused.Message.Replace("U-Net", "UNet", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("weights: LeNet does not use 1 of the tensors: \"extra.weight\".", Assert.Single(more.Report.Warnings));
    }

    [SkippableFact]
    public void Hash_of_weights_follows_names_values_and_builder()
    {
        string? file = ModelSource.FromWeights(ModelFiles.Find("lenet.pth")).ComputeHash();
        using WeightsMap weights = WeightsMap.Open(ModelFiles.Find("lenet.pth"));

        Assert.Equal(file, ModelSource.FromWeights(weights).ComputeHash());
        Assert.Equal(file, ModelSource.FromWeights(ModelFiles.FindOrSkip("lenet_legacy.pth")).ComputeHash());
        float[] bias = weights["conv1.bias"].Tensor.ToArray<float>();
        bias[3] += 1;
        Assert.NotEqual(file, ModelSource.FromWeights(weights.With("conv1.bias", TorchTensor.FromArray(bias, bias.Length))).ComputeHash());
        Assert.Equal(file, ModelSource.FromWeights(weights, new LeNet()).ComputeHash());
        Assert.NotEqual(file, ModelSource.FromWeights(weights, new LeNet { Batch = 4 }).ComputeHash());
        Assert.Null(ModelSource.FromWeights(weights, new Strange()).ComputeHash());
        Assert.NotNull(ModelSource.FromWeights(weights, new Strange(), key: "strange 1").ComputeHash());
        Assert.Empty(weights.Unused.Except(weights.Names));
    }

    [Fact]
    public void Cache_builds_once_and_again_when_model_or_options_change()
    {
        EngineCache cache = new(folder.Path);
        string model = Path.Combine(folder.Path, "lenet.onnx");
        File.Copy(ModelFiles.Find("lenet.onnx"), model);
        BuildOptions options = new() { DynamicExtents = new(1, 10, 200) };

        using ICudaEngine first = builder.GetOrBuild(cache, model, options);
        using ICudaEngine second = builder.GetOrBuild(cache, model, options with { MaxThreads = 2, TimingCache = Path.Combine(folder.Path, "t") });
        Assert.Equal((1, 1), (cache.Misses, cache.Hits));
        Assert.Equal(first.NbLayers, second.NbLayers);
        using ICudaEngine refit = builder.GetOrBuild(cache, model, options with { Refit = RefitKind.All });
        Assert.Equal((2, 1), (cache.Misses, cache.Hits));
        Assert.True(refit.IsRefittable);
        byte[] bytes = File.ReadAllBytes(model);
        bytes[^2] ^= 1;
        Assert.NotEqual(builder.KeyFor(model, options), builder.KeyFor(ModelSource.FromOnnx(bytes), options));
    }

    [Fact]
    public void What_a_cache_cannot_see_needs_a_key()
    {
        EngineCache cache = new(folder.Path);
        ModelSource named = ModelSource.FromNetwork(EngineTestModels.DefineStatic, key: "small 1");

        ArgumentException hooks = Assert.Throws<ArgumentException>(() => builder.GetOrBuild(cache, named, new BuildOptions { Configure = _ => { } }));
        ArgumentException source = Assert.Throws<ArgumentException>(() => builder.GetOrBuild(cache, ModelSource.FromNetwork(EngineTestModels.DefineStatic)));
        using ICudaEngine engine = builder.GetOrBuild(cache, named, new BuildOptions { Configure = _ => { }, CacheKey = "nothing" });

        Assert.Contains("Set CacheKey", hooks.Message, StringComparison.Ordinal);
        Assert.Contains("Give the source a key", source.Message, StringComparison.Ordinal);
        Assert.Equal(2, engine.NbIOTensors);
        string scales = folder.Write("c", [1]);
        EngineCacheKey before = builder.KeyFor(named, new BuildOptions { CalibrationCache = scales });
        folder.Write("c", [2]);
        Assert.NotEqual(before, builder.KeyFor(named, new BuildOptions { CalibrationCache = scales }));
        Assert.NotEqual(builder.KeyFor(named), builder.KeyFor(ModelSource.FromNetwork(EngineTestModels.DefineStatic, key: "small 2")));
    }

    [Fact]
    public void Timing_cache_is_written_and_a_foreign_one_ignored_with_a_warning()
    {
        string path = Path.Combine(folder.Path, "times");
        BuildOptions options = new() { TimingCache = path };

        using BuiltEngine fresh = builder.Build(EngineTestModels.DefineStatic, options);
        Assert.True(File.Exists(path));
        Assert.Empty(fresh.Report.Warnings);
        Assert.Contains(fresh.Report.Times, time => time.Phase == "Saving timing cache");
        File.WriteAllText(path, "what another program wrote");
        using BuiltEngine foreign = builder.Build(EngineTestModels.DefineStatic, options);

        Assert.Contains(foreign.Report.Warnings, warning => warning.StartsWith($"Timing cache: {path} is ignored", StringComparison.Ordinal));
    }

    private sealed class Strange : IModelBuilder
    {
        public string Name => "Strange";

        public bool Recognises(WeightsMap weights) => false;

        public IReadOnlyList<ModelInput> InputsFor(WeightsMap weights) => [];

        public void Define(INetworkDefinition network, WeightsMap weights) => EngineTestModels.DefineStatic(network);
    }

    private static void AssertReadsDigits(BuiltEngine built)
    {
        using ICudaEngine engine = built.Load();
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        float[] actual = EngineRun.Run(engine, "data", [200, 1, 28, 28], golden["data"].ToArray<float>(), "prob");
        Assert.All(golden["prob"].ToArray<float>().Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }
}
