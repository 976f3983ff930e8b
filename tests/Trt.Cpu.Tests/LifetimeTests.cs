using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>Disposal in any order, use afterwards, and wrong objects.</summary>
public class LifetimeTests
{
    [Fact]
    public void ContextRunsAfterEngineAndRuntimeAreGone()
    {
        using TestEngine test = new();
        IRuntime runtime = TestLibrary.Current.CreateInferRuntime(test.Log);
        ICudaEngine engine = runtime.DeserializeCudaEngine(test.DynamicRelu());
        using IExecutionContext context = engine.CreateExecutionContext();
        runtime.Dispose();
        engine.Dispose();
        engine.Dispose();
        using PinnedBuffers memory = new();
        float[] y = new float[3];
        context.SetInputShape("x", [1, 3]);
        context.SetTensorAddress("x", memory.Add((float[])[-1, 0, 1]));
        context.SetTensorAddress("y", memory.Add(y));
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        Assert.Equal([0, 0, 1], y);
        Assert.Throws<ObjectDisposedException>(() => engine.NbIOTensors);
        Assert.Throws<ObjectDisposedException>(() => runtime.DeserializeCudaEngine([]));
    }

    [Fact]
    public void DisposedObjectsRefuseAllWork()
    {
        using TestEngine test = new();
        INetworkDefinition network = TestLibrary.Current.CreateInferBuilder(test.Log).CreateNetworkV2(default);
        ITensor x = network.AddInput("x", DataType.Float, [3]);
        ILayer layer = network.AddActivation(x, ActivationType.Relu);
        network.Builder.Dispose();
        Assert.Equal(1, network.NbLayers);
        network.Dispose();
        Assert.Throws<ObjectDisposedException>(() => network.NbLayers);
        Assert.Throws<ObjectDisposedException>(() => x.Dimensions);
        Assert.Throws<ObjectDisposedException>(() => layer.Name);
        Assert.Throws<ObjectDisposedException>(() => network.AddActivation(x, ActivationType.Relu));
        IExecutionContext context = test.Load(test.DynamicRelu()).CreateExecutionContext();
        context.Dispose();
        Assert.Throws<ObjectDisposedException>(() => context.EnqueueV3(0));
        Assert.Throws<ObjectDisposedException>(() => context.SetTensorAddress("x"u8, 0));
    }

    [Fact]
    public void TensorsOfAnotherNetworkAreRefused()
    {
        using TestEngine test = new();
        ITensor foreign = test.Network().AddInput("x", DataType.Float, [3]);
        TestLibrary.Throws<ArgumentException>(() => test.Network().AddActivation(foreign, ActivationType.Relu));
        Assert.Throws<ArgumentNullException>(() => test.Network().AddActivation(null!, ActivationType.Relu));
    }

    [Fact]
    public void ThrowingLoggerSurfacesAsInnerException()
    {
        using IBuilder builder = TestLibrary.Current.CreateInferBuilder(new Thrower());
        using INetworkDefinition network = builder.CreateNetworkV2(default);
        TensorRtException error = Assert.Throws<TensorRtException>(() => network.AddInput("x", DataType.Float, [-2]));
        Assert.IsType<InvalidTimeZoneException>(TestLibrary.Cause(error));
    }

    [Fact]
    public void StreamOfAGpuIsRefused()
    {
        using TestEngine test = new();
        using IExecutionContext context = test.Load(test.DynamicRelu()).CreateExecutionContext();
        using PinnedBuffers memory = new();
        context.SetInputShape("x", [1, 3]);
        context.SetTensorAddress("x", memory.Add(new float[3]));
        context.SetTensorAddress("y", memory.Add(new float[3]));
        Assert.Contains("no stream", Assert.Throws<TensorRtException>(() => context.EnqueueV3(0x7f012345)).Message, StringComparison.Ordinal);
    }

    private sealed class Thrower : ILogger
    {
        public void Log(Severity severity, string msg) => throw new InvalidTimeZoneException();
    }
}
