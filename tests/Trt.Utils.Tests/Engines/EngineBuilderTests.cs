using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>Engines from every kind of source, on the CPU runtime: they compute what PyTorch computed.</summary>
public sealed class EngineBuilderTests
{
    private readonly CollectingLogger logger = new();
    private readonly EngineBuilder builder;

    public EngineBuilderTests() => builder = new EngineBuilder(EngineTestModels.Library(), logger);

    [Fact]
    public void Onnx_file_with_a_profile()
    {
        using BuiltEngine built = builder.Build(ModelFiles.Find("lenet.onnx"), new BuildOptions { TF32 = false, Profiles = [new() { ["data"] = new([1, 1, 28, 28], [10, 1, 28, 28], [200, 1, 28, 28]) }] });

        AssertReadsDigits(built);
    }

    [Fact]
    public void Onnx_in_memory_and_in_a_stream()
    {
        byte[] model = File.ReadAllBytes(ModelFiles.Find("lenet.onnx"));
        BuildOptions options = new() { TF32 = false, DynamicExtents = new(1, 10, 200) };

        using BuiltEngine bytes = builder.Build(ModelSource.FromOnnx(model.AsMemory()), options);
        using BuiltEngine stream = builder.Build(ModelSource.FromOnnx(new MemoryStream(model)), options);

        AssertReadsDigits(bytes);
        AssertReadsDigits(stream);
        Assert.Equal(bytes.Report.Source.Sha256, stream.Report.Source.Sha256);
    }

    [Fact]
    public void Network_of_a_function()
    {
        using BuiltEngine built = builder.Build(EngineTestModels.Define, new BuildOptions { DynamicExtents = new(1, 2, 8) });
        using ICudaEngine engine = built.Load();

        float[] x = [1, -1, 0.25f, -0.5f, 3, 4, -5, 6];
        Assert.Equal(EngineTestModels.Expected(x), EngineRun.Run(engine, "x", [2, 4], x, "y"));
    }

    [Fact]
    public async Task Build_on_a_thread_of_its_own()
    {
        using BuiltEngine built = await builder.BuildAsync(ModelSource.FromNetwork(EngineTestModels.DefineStatic));
        using ICudaEngine engine = built.Load();

        Assert.Equal(EngineTestModels.Expected(new float[12]), EngineRun.Run(engine, "x", [3, 4], new float[12], "y"));
    }

    [Fact]
    public void Function_that_throws_is_not_wrapped()
    {
        InvalidTimeZoneException thrown = Assert.Throws<InvalidTimeZoneException>(() => builder.Build(_ => throw new InvalidTimeZoneException("mine")));

        Assert.Equal("mine", thrown.Message);
    }

    [Fact]
    public void Build_errors_carry_the_librarys_reason()
    {
        TensorRtException exception = Assert.Throws<TensorRtException>(() => builder.Build(network => network.AddInput("x", DataType.Float, [1, 2])));

        Assert.Contains("buildSerializedNetwork", exception.Message, StringComparison.Ordinal);
        Assert.Contains("output", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hooks_see_network_and_configuration()
    {
        int layers = 0;
        IBuilderConfig? seen = null;
        BuildOptions options = new()
        {
            OptimizationLevel = 1,
            Customize = network => layers = network.NbLayers,
            Configure = config =>
            {
                Assert.Equal(1, config.BuilderOptimizationLevel);
                Assert.Equal(1, config.NbOptimizationProfiles);
                seen = config;
            },
        };

        using BuiltEngine built = builder.Build(EngineTestModels.DefineStatic, options);

        Assert.Equal(5, layers);
        Assert.NotNull(seen);
    }

    [Fact]
    public void Lines_of_the_library_reach_the_users_logger_and_warnings_the_report()
    {
        using BuiltEngine built = builder.Build(network =>
        {
            network.AddInput("idle", DataType.Float, [2]);
            EngineTestModels.DefineStatic(network);
        });

        Assert.Contains(logger.Lines, line => line.Severity == Severity.Info && line.Text.StartsWith("Engine generation completed", StringComparison.Ordinal));
        Assert.Contains("Unused Input: idle", Assert.Single(built.Report.LibraryWarnings), StringComparison.Ordinal);
        Assert.Empty(built.Report.Warnings);
    }

    [Fact]
    public async Task Builds_at_once_keep_their_warnings_apart()
    {
        Task<BuiltEngine> idle = builder.BuildAsync(ModelSource.FromNetwork(network =>
        {
            network.AddInput("idle", DataType.Float, [2]);
            EngineTestModels.DefineStatic(network);
        }));
        Task<BuiltEngine> open = builder.BuildAsync(ModelSource.FromNetwork(EngineTestModels.Define));

        using BuiltEngine first = await idle;
        using BuiltEngine second = await open;

        Assert.Contains("idle", Assert.Single(first.Report.LibraryWarnings), StringComparison.Ordinal);
        Assert.Empty(first.Report.Warnings);
        Assert.Empty(second.Report.LibraryWarnings);
        Assert.Contains("axis 0", Assert.Single(second.Report.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_back_can_be_left_out()
    {
        using BuiltEngine built = builder.Build(EngineTestModels.DefineStatic, new BuildOptions { ReadBack = false });

        Assert.Equal("nowhere", built.Report.ReadBack);
        Assert.DoesNotContain(built.Report.Times, time => time.Phase == "Reading back");
    }

    private static void AssertReadsDigits(BuiltEngine built)
    {
        using ICudaEngine engine = built.Load();
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        float[] expected = golden["prob"].ToArray<float>();
        float[] actual = EngineRun.Run(engine, "data", [200, 1, 28, 28], golden["data"].ToArray<float>(), "prob");
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }
}
