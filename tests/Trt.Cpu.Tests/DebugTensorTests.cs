using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.Loading;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>Debug tensors: y = relu(x + 1) · 2, with the inner tensors shown.</summary>
public class DebugTensorTests
{
    private static readonly float[] Input = [-3, -1, 0, 2];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TensorsThatAreSwitchedOnAreShownInOrder(bool throughStubs)
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor sum = Define(network);
        network.MarkDebug(network.GetLayer(2).GetOutput(0));
        network.MarkDebug(sum);
        byte[] plan = test.Plan(network);
        IRuntime runtime = throughStubs ? test.Own(new LoopBackLibrary(CpuRuntime.Provider, "10.16").CreateInferRuntime(test.Log)) : test.Runtime;
        using ICudaEngine engine = runtime.DeserializeCudaEngine(plan);
        Assert.True(engine.IsDebugTensor("sum"));
        Assert.True(engine.IsDebugTensor("relu"));
        Assert.False(engine.IsDebugTensor("y"));
        using IExecutionContext context = engine.CreateExecutionContext();
        Listener listener = new();
        context.DebugListener = listener;
        Assert.Same(listener, context.DebugListener);
        Assert.False(context.GetDebugState("sum"));
        using CudaStream stream = new(TestDevice.Current);
        float[] expected = [0, 0, 2, 6];
        Assert.Equal(expected, Run(context, stream));
        Assert.Empty(listener.Seen);

        context.SetAllTensorsDebugState(true);
        Assert.True(context.GetDebugState("sum"));
        Assert.Equal(expected, Run(context, stream));
        Assert.Equal(["sum", "relu"], listener.Seen.Select(seen => seen.Name));
        Assert.Equal([-2f, 0, 1, 3], listener.Seen[0].Values);
        Assert.Equal([0f, 0, 1, 3], listener.Seen[1].Values);
        Assert.All(listener.Seen, seen => Assert.Equal((DataType.Float, new Dims(1, 4), stream.Handle), (seen.Type, seen.Shape, seen.Stream)));

        context.SetTensorDebugState("sum", false);
        Assert.False(context.GetDebugState("sum"));
        listener.Seen.Clear();
        Run(context, stream);
        Assert.Equal(["relu"], listener.Seen.Select(seen => seen.Name));
        Assert.Contains("y", Assert.Throws<TensorRtException>(() => context.SetTensorDebugState("y", true)).Message, StringComparison.Ordinal);

        listener.Answer = false;
        Assert.Contains("relu", Assert.Throws<TensorRtException>(() => Run(context, stream)).Message, StringComparison.Ordinal);
        context.SetAllTensorsDebugState(false);
        Assert.Equal(expected, Run(context, stream));
    }

    [Fact]
    public void UnfusedTensorsHaveASwitchOfTheirOwn()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        Define(network);
        network.MarkUnfusedTensorsAsDebugTensors();
        using ICudaEngine engine = test.Load(test.Plan(network));
        Assert.False(engine.IsDebugTensor("sum"));
        using IExecutionContext context = engine.CreateExecutionContext();
        Listener listener = new();
        context.DebugListener = listener;
        using CudaStream stream = new(TestDevice.Current);
        Assert.False(context.UnfusedTensorsDebugState);
        context.SetAllTensorsDebugState(true);
        Run(context, stream);
        Assert.Empty(listener.Seen);
        context.UnfusedTensorsDebugState = true;
        Run(context, stream);

        // The pointwise layers are fused into one: only its ends are left.
        Assert.Equal(["x", "y"], listener.Seen.Select(seen => seen.Name));
        Assert.Equal(Input, listener.Seen[0].Values);
        network.UnmarkUnfusedTensorsAsDebugTensors();
        using ICudaEngine without = test.Load(test.Plan(network));
        using IExecutionContext quiet = without.CreateExecutionContext();
        quiet.DebugListener = listener;
        quiet.UnfusedTensorsDebugState = true;
        listener.Seen.Clear();
        Run(quiet, stream);
        Assert.Empty(listener.Seen);
    }

    [Fact]
    public void InputsAndWhatNoOutputNeedsCanBeShown()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor sum = Define(network);
        ITensor aside = network.AddUnary(sum, UnaryOperation.Abs).GetOutput(0);
        aside.Name = "aside";
        network.MarkDebug(network.GetInput(0));
        network.MarkDebug(aside);
        using ICudaEngine engine = test.Load(test.Plan(network));
        using IExecutionContext context = engine.CreateExecutionContext();
        Listener listener = new();
        context.DebugListener = listener;
        context.SetAllTensorsDebugState(true);
        using CudaStream stream = new(TestDevice.Current);
        Run(context, stream);
        Assert.Equal(["x", "aside"], listener.Seen.Select(seen => seen.Name));
        Assert.Equal([2f, 0, 1, 3], listener.Seen[1].Values);
    }

    private static ITensor Define(INetworkDefinition network)
    {
        ITensor x = network.AddInput("x", DataType.Float, [1, 4]);
        ITensor one = network.AddConstant([1, 1], Weights.From((float[])[1])).GetOutput(0);
        ITensor sum = network.AddElementWise(x, one, ElementWiseOperation.Sum).GetOutput(0);
        sum.Name = "sum";
        ITensor relu = network.AddActivation(sum, ActivationType.Relu).GetOutput(0);
        relu.Name = "relu";
        ITensor y = network.AddElementWise(relu, relu, ElementWiseOperation.Sum).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        return sum;
    }

    private static float[] Run(IExecutionContext context, CudaStream stream)
    {
        using PinnedBuffers memory = new();
        float[] y = new float[4];
        context.SetTensorAddress("x", memory.Add(Input));
        context.SetTensorAddress("y", memory.Add(y));
        context.EnqueueV3(stream.Handle);
        TestDevice.Synchronize(stream);
        return y;
    }

    private sealed class Listener : IDebugListener
    {
        public bool Answer { get; set; } = true;

        public List<(string Name, DataType Type, Dims Shape, nint Stream, float[] Values)> Seen { get; } = [];

        public bool ProcessDebugTensor(nint addr, TensorLocation location, DataType type, Dims shape, string name, nint stream)
        {
            float[] values = new float[shape.Volume];
            Marshal.Copy(addr, values, 0, values.Length);
            Seen.Add((name, type, shape, stream, values));
            return Answer;
        }
    }
}
