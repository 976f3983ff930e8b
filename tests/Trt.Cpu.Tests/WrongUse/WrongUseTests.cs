using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Cpu.Tests.WrongUse;

/// <summary>What a program can do wrong: each is told with names, and what was there before goes on working.</summary>
public class WrongUseTests
{
    [Fact]
    public void MissingAddressIsNamed()
    {
        using TestEngine test = new();
        using IExecutionContext context = test.Load(test.DynamicRelu()).CreateExecutionContext();
        using PinnedBuffers memory = new();
        Assert.Contains("\"x\" has no shape yet", Refused(() => context.EnqueueV3(0)), StringComparison.Ordinal);
        context.SetInputShape("x", [1, 3]);
        context.SetTensorAddress("x", memory.Add(new float[3]));
        Assert.Contains("output \"y\"", Refused(() => context.EnqueueV3(0)), StringComparison.Ordinal);
        context.SetTensorAddress("y", memory.Add(new float[3]));
        context.EnqueueV3(0);
        TestDevice.Synchronize();
    }

    [Fact]
    public void ShapeOutsideOfTheProfileIsTold()
    {
        using TestEngine test = new();
        using IExecutionContext context = test.Load(test.DynamicRelu(2, 4)).CreateExecutionContext();
        foreach (Dims wrong in (Dims[])[[1, 3], [5, 3], [2, 4], [2], [2, 3, 1], [-1, 3]])
        {
            Assert.Contains("IExecutionContext::setInputShape: Error Code 3: API Usage Error", Refused(() => context.SetInputShape("x", wrong)), StringComparison.Ordinal);
        }

        Assert.Contains("Runtime dimension does not satisfy any optimization profile", Refused(() => context.SetInputShape("x", [5, 3])), StringComparison.Ordinal);
        Assert.Contains("z", Refused(() => context.SetInputShape("z", [2, 3])), StringComparison.Ordinal);
        context.SetInputShape("x", [3, 3]);
    }

    [Fact]
    public void WrongTypeIsToldByLayer()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor b = network.AddInput("b", DataType.Bool, [3]);
        network.AddActivation(b, ActivationType.Sigmoid).Name = "squash";
        network.MarkOutput(network.GetLayer(0).GetOutput(0));
        Assert.Contains("squash", Refused(() => test.Plan(network)), StringComparison.Ordinal);
    }

    [Fact]
    public void TensorsOfTwoBuildersDoNotMix()
    {
        using TestEngine one = new();
        using TestEngine other = new();
        ITensor a = one.Network().AddInput("a", DataType.Float, [3]);
        INetworkDefinition network = other.Network();
        ITensor b = network.AddInput("b", DataType.Float, [3]);
        Assert.Contains("another network", TestLibrary.Throws<ArgumentException>(() => network.AddElementWise(a, b, ElementWiseOperation.Sum)).Message, StringComparison.Ordinal);
        TestLibrary.Throws<ArgumentException>(() => network.MarkOutput(a));
        Assert.Equal(0, network.NbLayers);
    }

    [Fact]
    public void EngineKeepsTheNetworkThatItWasBuiltFrom()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        float[] numbers = [1, 2, 3];
        IConstantLayer w = network.AddConstant([3], Weights.From(numbers));
        ITensor y = network.AddElementWise(network.AddInput("x", DataType.Float, [3]), w.GetOutput(0), ElementWiseOperation.Sum).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        using IExecutionContext context = test.Load(test.Plan(network)).CreateExecutionContext();
        Array.Fill(numbers, 100);
        ((IElementWiseLayer)network.GetLayer(1)).Operation = ElementWiseOperation.Prod;
        y.Name = "z";
        using PinnedBuffers memory = new();
        float[] result = new float[3];
        context.SetTensorAddress("x", memory.Add((float[])[10, 20, 30]));
        context.SetTensorAddress("y", memory.Add(result));
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        Assert.Equal([11, 22, 33], result);
    }

    [Fact]
    public void CyclesAreRefused()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        IElementWiseLayer sum = network.AddElementWise(network.AddInput("x", DataType.Float, [3]), network.AddInput("y", DataType.Float, [3]), ElementWiseOperation.Sum);
        ITensor back = network.AddActivation(sum.GetOutput(0), ActivationType.Relu).GetOutput(0);
        sum.SetInput(1, back);
        network.MarkOutput(back);
        Assert.Contains("cycle", Refused(() => test.Plan(network)), StringComparison.Ordinal);
    }

    [Fact]
    public void WeightsOfWrongCountNameTheLayer()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [1, 3, 8, 8]);
        IConvolutionLayer layer = network.AddConvolutionNd(x, 3, [3, 3], Weights.From(new float[80]), default);
        layer.Name = "first";
        network.MarkOutput(layer.GetOutput(0));
        Assert.Contains("first: count of 80 weights in kernel", Refused(() => test.Plan(network)), StringComparison.Ordinal);
        Assert.Contains(test.Log.Errors, line => line == "Error Code: 3: first:kernel weights has count 80 but 81 was expected");
    }

    [Fact]
    public void LeNetPlanIsRefusedWithAnyThousandthByteWrongOrAbsent()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        LeNet.Define(network, 1);
        byte[] plan = test.Plan(network);
        for (int at = 0; at < plan.Length; at += 1000)
        {
            // Hashing 1.7 MB for each would take long: bits of every thousandth byte in turn, cuts at every hundred-thousandth.
            plan[at] ^= (byte)(1 << (at / 1000 % 8));
            Assert.Contains("IRuntime::deserializeCudaEngine: Error Code", Refused(() => test.Runtime.DeserializeCudaEngine(plan)), StringComparison.Ordinal);
            plan[at] ^= (byte)(1 << (at / 1000 % 8));
            if (at % 100_000 == 0)
            {
                Refused(() => test.Runtime.DeserializeCudaEngine(plan.AsSpan(0, at)));
            }
        }

        test.Load(plan);
    }

    [SkippableFact]
    public void NvidiasRuntimeRefusesOurPlanAndOursRefusesNvidias()
    {
        using TestEngine test = new();
        TensorRtLibrary library = RtxLibrary.Load();
        CollectingLogger log = new();
        using IBuilder builder = library.CreateInferBuilder(log);
        using INetworkDefinition network = builder.CreateNetworkV2([]);
        network.MarkOutput(network.AddActivation(network.AddInput("x", DataType.Float, [3]), ActivationType.Relu).GetOutput(0));
        using IBuilderConfig config = builder.CreateBuilderConfig();
        RtxLibrary.Target(config);
        using IHostMemory foreign = builder.BuildSerializedNetwork(network, config);
        Assert.Contains("TensorRT for RTX", Refused(() => test.Runtime.DeserializeCudaEngine(foreign.AsSpan())), StringComparison.Ordinal);
        using IRuntime runtime = library.CreateInferRuntime(log);
        byte[] own = test.DynamicRelu();
        Refused(() => runtime.DeserializeCudaEngine(own));
    }

    private static string Refused(Action action) => Assert.Throws<TensorRtException>(action).Message;
}
