using System.Text.Json;
using Trt.Cpu.Tests.Goldens;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.Loading;
using Trt.Tests.Goldens;
using Trt.Utils;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>The CPU runtime as native code would see it: every call goes proxy → vtable → stub → implementation, laid out as a release does.</summary>
public sealed class LoopBackTests
{
    [Theory]
    [InlineData("8.5.3", false)]
    [InlineData("8.6.1", false)]
    [InlineData("10.0.1", false)]
    [InlineData("10.8", false)]
    [InlineData("10.16", false)]
    [InlineData("11.1", false)]
    [InlineData("1.3", true)]
    [InlineData("1.6", true)]
    public void LeNetSaysTheSameAsPyTorch(string release, bool rtx)
    {
        LoopBackLibrary library = new(CpuRuntime.Provider, release, rtx);
        List<string> lines = [];
        DelegateLogger logger = new((severity, text) =>
        {
            if (severity <= Severity.Error)
            {
                lines.Add(text);
            }
        });
        using TorchStateDict weights = TorchStateDict.Open(Checkout.Path("models", "lenet.pth"));
        using IBuilder builder = library.CreateInferBuilder(logger);
        using INetworkDefinition network = builder.CreateNetworkV2([]);
        HelloNetwork.LeNet.Define(network, weights);
        Assert.Same(network.GetLayer(0), network.GetLayer(0));
        IConvolutionLayer convolution = Assert.IsAssignableFrom<IConvolutionLayer>(network.GetLayer(0));
        Assert.Equal("conv1", convolution.Name);
        Assert.Equal<Dims>([1, 1], convolution.StrideNd);
        Assert.Equal(20 * 25, convolution.KernelWeights.Count);
        Assert.Equal<Dims>([-1, 20, 24, 24], convolution.GetOutput(0).Dimensions);

        using IBuilderConfig config = builder.CreateBuilderConfig();
        IOptimizationProfile profile = builder.CreateOptimizationProfile();
        profile.SetDimensions("data", OptProfileSelector.Min, [1, 1, 28, 28]);
        profile.SetDimensions("data", OptProfileSelector.Opt, [10, 1, 28, 28]);
        profile.SetDimensions("data", OptProfileSelector.Max, [200, 1, 28, 28]);
        config.AddOptimizationProfile(profile);
        using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
        using IRuntime runtime = library.CreateInferRuntime(logger);
        using ICudaEngine engine = runtime.DeserializeCudaEngine(plan.AsSpan());
        using IExecutionContext context = engine.CreateExecutionContext();
        Assert.Same(engine, context.Engine);

        using NpzFile golden = NpzFile.Open(Checkout.Path("models", "lenet_golden.npz"));
        float[] expected = golden["prob"].ToArray<float>();
        using DeviceMemory<float> data = new(200 * 784, Device.Host);
        using DeviceMemory<float> prob = new(2000, Device.Host);
        using CudaStream stream = new(Device.Host);
        data.CopyFrom(golden["data"].ToArray<float>());
        context.SetInputShape("data", [200, 1, 28, 28]);
        context.SetTensorAddress("data"u8, data.Pointer);
        context.SetTensorAddress("prob"u8, prob.Pointer);
        context.EnqueueV3(stream);
        stream.Synchronize();
        float worst = prob.ToArray().Zip(expected, (mine, right) => Math.Abs(mine - right)).Max();
        Assert.True(worst < 1e-4, $"the largest difference is {worst}");
        Assert.Empty(lines);
    }

    /// <summary>Cases that use layers the CPU runtime has, but for a number that no enumeration holds: the bindings refuse it by name before any library sees it.</summary>
    public static IEnumerable<object[]> Names => LayerGoldenTests.Names.Cast<object[]>().Where(row => row[0] is not "wrong_activation_unknown_type");

    [Fact]
    public void ANumberThatIsNoEnumeratorNeverReachesTheLibrary()
    {
        LoopBackLibrary library = new(CpuRuntime.Provider, "10.16");
        using IBuilder builder = library.CreateInferBuilder(new DelegateLogger((_, _) => { }));
        using INetworkDefinition network = builder.CreateNetworkV2([]);
        ITensor x = network.AddInput("x", DataType.Float, [1, 4]);
        NotInThisReleaseException exception = Assert.Throws<NotInThisReleaseException>(() => network.AddActivation(x, (ActivationType)77));
        Assert.Contains("ActivationType 77", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void GoldenCasesSayTheSameThroughBothLayers(string id)
    {
        LoopBackLibrary library = new(CpuRuntime.Provider, "10.16");
        CaseResult result = new CaseRunner(library.CreateInferBuilder, library.CreateInferRuntime).Run(GoldenFiles.Cases[id]);
        string? difference = LayerGoldens.Compare(GoldenFiles.Cases[id], result, GoldenFiles.TensorRt86[id], GoldenFiles.Rtx[id]);
        Assert.True(difference is null, difference);
    }

    [Fact]
    public void AFailureComesBackWithTheImplementationsWords()
    {
        LoopBackLibrary library = new(CpuRuntime.Provider, "10.16");
        using IBuilder builder = library.CreateInferBuilder(new DelegateLogger((_, _) => { }));
        using INetworkDefinition network = builder.CreateNetworkV2([]);
        TensorRtException exception = Assert.Throws<TensorRtException>(() => network.GetLayer(3));
        Assert.Contains("INetworkDefinition::getLayer failed", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALoggerThatThrowsIsToldToTheCaller()
    {
        LoopBackLibrary library = new(CpuRuntime.Provider, "10.16");
        using IBuilder builder = library.CreateInferBuilder(new DelegateLogger((_, _) => throw new InvalidOperationException("no log today")));
        using INetworkDefinition network = builder.CreateNetworkV2([]);
        using IBuilderConfig config = builder.CreateBuilderConfig();
        TensorRtException exception = Assert.Throws<TensorRtException>(() => builder.BuildSerializedNetwork(network, config));
        Assert.IsType<InvalidOperationException>(Deepest(exception));
    }

    private static Exception Deepest(Exception exception) => exception.InnerException is { } inner ? Deepest(inner) : exception;
}
