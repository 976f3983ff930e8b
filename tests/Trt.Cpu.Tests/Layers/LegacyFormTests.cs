using Trt.Interop;
using Trt.Interop.Loading;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>What only TensorRT 8.x has: forms for two axes, and the fully connected layer; directly, and laid out as 8.6 lays them out.</summary>
public sealed class LegacyFormTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Windows_of_two_axes_have_setters_of_their_own(bool throughVtables)
    {
        using PinnedBuffers memory = new();
        using IBuilder builder = Create(throughVtables);
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.ExplicitBatch]);
        ITensor x = network.AddInput("x", DataType.Float, [1, 1, 6, 6]);
        float[] ones = [.. Enumerable.Repeat(1f, 9)];
        IConvolutionLayer convolution = network.AddConvolution(x, 1, [3, 3], new Weights(DataType.Float, memory.Add(ones), 9), Weights.Empty());
        convolution.Stride = [2, 1];
        convolution.Padding = [1, 0];
        convolution.Dilation = [1, 2];
        Assert.Equal<Dims>([2, 1], convolution.StrideNd);
        Assert.Equal<Dims>([1, 0], convolution.PaddingNd);
        Assert.Equal<Dims>([1, 2], convolution.DilationNd);
        Assert.Equal<Dims>([3, 3], convolution.KernelSize);
        Assert.Equal<Dims>([1, 1, 3, 2], convolution.GetOutput(0).Dimensions);
        IPoolingLayer pooling = network.AddPooling(x, PoolingType.Max, [2, 2]);
        pooling.WindowSize = [3, 3];
        pooling.Stride = [3, 3];
        Assert.Equal<Dims>([1, 1, 2, 2], pooling.GetOutput(0).Dimensions);
        IDeconvolutionLayer deconvolution = network.AddDeconvolution(x, 1, [2, 2], new Weights(DataType.Float, memory.Add(ones), 4), Weights.Empty());
        deconvolution.Stride = [2, 2];
        Assert.Equal<Dims>([1, 1, 12, 12], deconvolution.GetOutput(0).Dimensions);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_fully_connected_layer_takes_three_dimensions_as_one(bool throughVtables)
    {
        using PinnedBuffers memory = new();
        using IBuilder builder = Create(throughVtables);
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.ExplicitBatch]);
        ITensor x = network.AddInput("x", DataType.Float, [2, 3, 1, 1]);
        Weights kernel = new(DataType.Float, memory.Add(new float[] { 1, 2, 3, 0, -1, 1 }), 6);
        IFullyConnectedLayer layer = network.AddFullyConnected(x, 2, kernel, new Weights(DataType.Float, memory.Add(new float[] { 10, 20 }), 2));
        Assert.Equal(2, layer.NbOutputChannels);
        Assert.Equal("(Unnamed Layer* 0) [Fully Connected]", layer.Name);
        ITensor y = layer.GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        Assert.Equal<Dims>([2, 2, 1, 1], y.Dimensions);
        using IBuilderConfig config = builder.CreateBuilderConfig();
        using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
        using IRuntime runtime = CpuRuntime.Provider.CreateInferRuntime(new CollectingLogger());
        using ICudaEngine engine = runtime.DeserializeCudaEngine(plan.AsSpan());
        using IExecutionContext context = engine.CreateExecutionContext();
        float[] result = new float[4];
        context.SetTensorAddress("x", memory.Add(new float[] { 1, 1, 1, 2, 0, -1 }));
        context.SetTensorAddress("y", memory.Add(result));
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        Assert.Equal([16, 20, 9, 19], result);
    }

    private static IBuilder Create(bool throughVtables)
    {
        CollectingLogger log = new();
        return throughVtables ? new LoopBackLibrary(CpuRuntime.Provider, "8.6.1").CreateInferBuilder(log) : CpuRuntime.Provider.CreateInferBuilder(log);
    }
}
