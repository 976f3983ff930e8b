using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.Loading;
using Xunit;

namespace Trt.Cpu.Tests.Refitting;

/// <summary>Refitting as native code would see it: every call goes proxy → vtable → stub → implementation.</summary>
public sealed class LoopBackRefitTests
{
    [Theory]
    [InlineData("8.6.1")]
    [InlineData("10.0.1")]
    [InlineData("10.16")]
    [InlineData("11.1")]
    public void RefitsByLayerAndByName(string release)
    {
        LoopBackLibrary library = new(CpuRuntime.Provider, release);
        CollectingLogger log = new();
        using IBuilder builder = library.CreateInferBuilder(log);
        using INetworkDefinition network = builder.CreateNetworkV2([]);
        IConstantLayer w = network.AddConstant([3], Weights.From<float>([1, 2, 3]));
        w.Name = "w";
        network.SetWeightsName(w.Weights, "numbers");
        ITensor y = network.AddElementWise(network.AddInput("x", DataType.Float, [3]), w.GetOutput(0), ElementWiseOperation.Prod).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        using IBuilderConfig config = builder.CreateBuilderConfig();
        config.SetFlag(BuilderFlag.Refit);
        using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
        using IRuntime runtime = library.CreateInferRuntime(log);
        using ICudaEngine engine = runtime.DeserializeCudaEngine(plan.AsSpan());
        using IExecutionContext context = engine.CreateExecutionContext();
        using IRefitter refitter = library.CreateInferRefitter(engine, log);
        Assert.True(engine.IsRefittable);
        Assert.Equal([("w", WeightsRole.Constant)], refitter.GetAll());
        Assert.Equal(["numbers"], refitter.GetAllWeights());
        Assert.Empty(refitter.GetMissing());
        Assert.Equal([10, 40, 90], Run(context));
        refitter.SetWeights("w", WeightsRole.Constant, Weights.From<float>([3, 2, 1]));
        refitter.RefitCudaEngine();
        Assert.Equal([30, 40, 30], Run(context));
        Weights mine = Weights.From<float>([0, 1, 0]);
        refitter.SetNamedWeights("numbers", mine);
        refitter.RefitCudaEngine();
        Assert.Equal([0, 20, 0], Run(context));
        Assert.Empty(log.Errors);
        TensorRtException refused = Assert.Throws<TensorRtException>(() => refitter.SetNamedWeights("numbers", Weights.From<float>([1])));
        Assert.Contains("w: constant weights have count 1 but 3 was expected", refused.Message, StringComparison.Ordinal);
    }

    private static float[] Run(IExecutionContext context)
    {
        using PinnedBuffers memory = new();
        using CudaStream stream = new(Device.Host);
        float[] y = new float[3];
        context.SetTensorAddress("x", memory.Add((float[])[10, 20, 30]));
        context.SetTensorAddress("y", memory.Add(y));
        context.EnqueueV3(stream.Handle);
        stream.Synchronize();
        return y;
    }
}
