using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>LeNet, layer by layer, against what PyTorch computed for 200 digits.</summary>
public class LeNetTests
{
    private const int Digits = 200;

    [Fact]
    public void RecognisesAllDigitsAsPyTorchDid()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, Digits));
        using IExecutionContext context = engine.CreateExecutionContext();
        (float[] data, float[] expected) = Golden();
        float[] prob = new float[Digits * 10];
        using PinnedBuffers memory = new();
        context.SetTensorAddress("data", memory.Add(data));
        context.SetTensorAddress("prob", memory.Add(prob));
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        for (int i = 0; i < prob.Length; i++)
        {
            Assert.True(Math.Abs(prob[i] - expected[i]) < 1e-4, $"digit {i / 10}, class {i % 10}: {prob[i]} but PyTorch has {expected[i]}");
        }

        Assert.Empty(test.Log.Errors);
    }

    [Fact]
    public void TellsNamesShapesAndTypes()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        LeNet.Define(network, 1);
        Assert.Equal("(Unnamed Layer* 0) [Convolution]", network.GetLayer(0).Name);
        Assert.Equal("(Unnamed Layer* 0) [Convolution]_output", network.GetLayer(0).GetOutput(0).Name);
        Assert.Equal(new Dims(1, 20, 24, 24), network.GetLayer(0).GetOutput(0).Dimensions);
        Assert.Equal(new Dims(1, 800), network.GetLayer(4).GetOutput(0).Dimensions);
        Assert.IsAssignableFrom<IPoolingLayer>(network.GetLayer(1));
        using ICudaEngine engine = test.Load(test.Plan(network));
        Assert.Equal(["data", "prob"], [engine.GetIOTensorName(0), engine.GetIOTensorName(1)]);
        Assert.Equal(TensorIOMode.Output, engine.GetTensorIOMode("prob"));
        Assert.Equal(new Dims(1, 10), engine.GetTensorShape("prob"u8));
        Assert.Equal(TensorIOMode.None, engine.GetTensorIOMode("nothing"));
        Assert.Contains("nothing", Assert.Single(test.Log.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void TwoContextsRunInTwoThreads()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, 20));
        (float[] data, float[] expected) = Golden();
        Parallel.For(0, 2, new ParallelOptions { MaxDegreeOfParallelism = 2 }, worker =>
        {
            using IExecutionContext context = engine.CreateExecutionContext();
            using CudaStream stream = new(TestDevice.Current);
            using PinnedBuffers memory = new();
            float[] prob = new float[200];
            for (int batch = worker; batch < 10; batch += 2)
            {
                context.SetInputTensorAddress("data", memory.Add(data[(batch * 20 * 784)..((batch + 1) * 20 * 784)]));
                if (TestLibrary.Current.Supports("IExecutionContext.setOutputTensorAddress"))
                {
                    context.SetOutputTensorAddress("prob", memory.Add(prob));
                }
                else
                {
                    context.SetTensorAddress("prob", memory.Add(prob));
                }

                context.EnqueueV3(stream.Handle);
                TestDevice.Synchronize(stream);
                Assert.True(prob.Zip(expected.AsSpan(batch * 200, 200).ToArray()).All(pair => Math.Abs(pair.First - pair.Second) < 1e-4), $"batch {batch} differs");
            }
        });
    }

    [SkippableFact]
    public void EnqueueOnTheDefaultStreamAllocatesNothing()
    {
        Skip.IfNot(TestLibrary.IsDirect, "A stub makes strings of the names that it is given.");
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, 1));
        using IExecutionContext context = engine.CreateExecutionContext();
        using PinnedBuffers memory = new();
        nint data = memory.Add(Golden().Data[..784]);
        nint prob = memory.Add(new float[10]);
        void Run()
        {
            context.SetTensorAddress("data"u8, data);
            context.SetTensorAddress("prob"u8, prob);
            context.EnqueueV3(0);
        }

        for (int i = 0; i < 10; i++)
        {
            Run();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Run();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void WorkOnAStreamRunsInOrderWithAddressesOfItsTime()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, 1));
        using IExecutionContext context = engine.CreateExecutionContext();
        using CudaStream stream = new(TestDevice.Current);
        using PinnedBuffers memory = new();
        (float[] data, float[] expected) = Golden();
        float[][] results = [.. Enumerable.Range(0, 20).Select(_ => new float[10])];
        for (int i = 0; i < results.Length; i++)
        {
            context.SetTensorAddress("data", memory.Add(data[(i * 784)..((i + 1) * 784)]));
            context.SetTensorAddress("prob", memory.Add(results[i]));
            context.EnqueueV3(stream.Handle);
        }

        context.Dispose();
        TestDevice.Synchronize(stream);
        for (int i = 0; i < results.Length; i++)
        {
            Assert.True(results[i].Index().All(entry => Math.Abs(entry.Item - expected[(i * 10) + entry.Index]) < 1e-4), $"run {i} has another run's data");
        }
    }

    [Fact]
    public void RecordedRunRepeatsWithTheDataOfItsTime()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, 1));
        using IExecutionContext context = engine.CreateExecutionContext();
        using CudaStream stream = new(TestDevice.Current);
        using CudaEvent consumed = new(TestDevice.Current);
        using PinnedBuffers memory = new();
        (float[] data, float[] expected) = Golden();
        float[] input = data[..784];
        float[] prob = new float[10];
        context.SetTensorAddress("data", memory.Add(input));
        context.SetTensorAddress("prob", memory.Add(prob));
        context.InputConsumedEvent = consumed.Handle;
        stream.BeginCapture();
        context.EnqueueV3(stream.Handle);
        using CudaGraph graph = stream.EndCapture();
        using CudaGraphExec exec = graph.Instantiate();
        Assert.All(prob, value => Assert.Equal(0, value));
        for (int digit = 0; digit < 3; digit++)
        {
            data.AsSpan(digit * 784, 784).CopyTo(input);
            memory.Push();
            exec.Launch(stream);
            TestDevice.Synchronize(stream);
            Assert.True(prob.Index().All(entry => Math.Abs(entry.Item - expected[(digit * 10) + entry.Index]) < 1e-4), $"digit {digit} differs");
        }
    }

    private static byte[] Plan(TestEngine test, int batch)
    {
        INetworkDefinition network = test.Network();
        LeNet.Define(network, batch);
        return test.Plan(network);
    }

    private static (float[] Data, float[] Prob) Golden()
    {
        using NpzFile file = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        return (file["data"].ToFloat32(), file["prob"].ToFloat32());
    }
}
