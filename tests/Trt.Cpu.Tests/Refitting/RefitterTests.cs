using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Cpu.Tests.Refitting;

/// <summary>What a refitter accepts, refuses and leaves alone, on y = x · w of one constant.</summary>
public class RefitterTests
{
    [Fact]
    public void WrongWeightsAreRefusedByLayerAndEngineStaysAsItWas()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, [1, 2, 3], BuilderFlag.Refit));
        using IExecutionContext context = engine.CreateExecutionContext();
        using IRefitter refitter = TestLibrary.Current.CreateInferRefitter(engine, test.Log);
        Assert.Contains("w: constant weights have count 2 but 3 was expected", Refused(() => refitter.SetWeights("w", WeightsRole.Constant, Weights.From<float>([1, 2]))), StringComparison.Ordinal);
        Assert.Contains("Error Code: 3: w:constant weights has count 2 but 3 was expected", test.Log.Errors.ToArray()[^2], StringComparison.Ordinal);
        Assert.Contains("type Half but Float", Refused(() => refitter.SetWeights("w", WeightsRole.Constant, Weights.From<Half>([default, default, default]))), StringComparison.Ordinal);
        Assert.Contains("role kernel", Refused(() => refitter.SetWeights("w", WeightsRole.Kernel, Weights.From<float>([1, 2, 3]))), StringComparison.Ordinal);
        Assert.Contains("No layer named v", Refused(() => refitter.SetWeights("v", WeightsRole.Constant, Weights.From<float>([1, 2, 3]))), StringComparison.Ordinal);
        Assert.Contains("No weights named other", Refused(() => refitter.SetNamedWeights("other", Weights.From<float>([1, 2, 3]))), StringComparison.Ordinal);
        Assert.Contains("no values", Refused(() => refitter.SetNamedWeights("numbers", new Weights(DataType.Float, 0, 3))), StringComparison.Ordinal);
        Assert.Contains("maxThreads >= 1", Refused(() => refitter.MaxThreads = 0), StringComparison.Ordinal);
        Assert.Contains("no INT8 tensor", Refused(() => refitter.SetDynamicRange("x", -1, 1)), StringComparison.Ordinal);
        Assert.Contains("were not set", Refused(() => refitter.UnsetNamedWeights("numbers")), StringComparison.Ordinal);
        refitter.RefitCudaEngine();
        Assert.Equal([10, 40, 90], Run(context));
    }

    [Fact]
    public void WhatWasGivenCanBeReadAndTakenBack()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, [1, 2, 3], BuilderFlag.Refit));
        using IExecutionContext context = engine.CreateExecutionContext();
        using IRefitter refitter = TestLibrary.Current.CreateInferRefitter(engine, test.Log);
        Weights prototype = refitter.GetWeightsPrototype("numbers");
        Assert.Equal((DataType.Float, 3, 0), (prototype.Type, prototype.Count, prototype.Values));
        Assert.Equal(0, refitter.GetNamedWeights("numbers").Values);
        Assert.Contains("numbers were not set", test.Log.Errors.Last(), StringComparison.Ordinal);
        float[] numbers = [3, 2, 1];
        Weights mine = Weights.From(numbers);
        refitter.SetNamedWeights("numbers", mine, TensorLocation.Device);
        Assert.Equal(mine, refitter.GetNamedWeights("numbers"));
        Assert.Equal(TensorLocation.Device, refitter.GetWeightsLocation("numbers"));
        refitter.RefitCudaEngine();
        Assert.Equal([30, 40, 30], Run(context));
        numbers[0] = 5;
        Assert.Equal([30, 40, 30], Run(context));
        refitter.RefitCudaEngine();
        Assert.Equal([50, 40, 30], Run(context));
        refitter.UnsetNamedWeights("numbers");
        numbers[0] = 6;
        refitter.RefitCudaEngine();
        Assert.Equal([50, 40, 30], Run(context));
    }

    [Fact]
    public void RefitOnAStreamKeepsItsPlaceAmongRuns()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, [1, 1, 1], BuilderFlag.Refit));
        using IExecutionContext context = engine.CreateExecutionContext();
        using IRefitter refitter = TestLibrary.Current.CreateInferRefitter(engine, test.Log);
        using CudaStream stream = new(TestDevice.Current);
        using PinnedBuffers memory = new();
        float[][] results = [.. Enumerable.Range(0, 50).Select(_ => new float[3])];
        context.SetTensorAddress("x", memory.Add((float[])[10, 20, 30]));
        float[] factor = new float[3];
        for (int i = 0; i < results.Length; i++)
        {
            Array.Fill(factor, i);
            refitter.SetNamedWeights("numbers", Weights.From(factor));
            refitter.RefitCudaEngineAsync(stream.Handle);
            context.SetTensorAddress("y", memory.Add(results[i]));
            context.EnqueueV3(stream.Handle);
        }

        TestDevice.Synchronize(stream);
        for (int i = 0; i < results.Length; i++)
        {
            Assert.Equal([10 * i, 20 * i, 30 * i], results[i]);
        }
    }

    [Fact]
    public void RecordedRunUsesTheWeightsOfItsLaunch()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, [1, 1, 1], BuilderFlag.Refit));
        using IExecutionContext context = engine.CreateExecutionContext();
        using IRefitter refitter = TestLibrary.Current.CreateInferRefitter(engine, test.Log);
        using CudaStream stream = new(TestDevice.Current);
        using PinnedBuffers memory = new();
        float[] y = new float[3];
        context.SetTensorAddress("x", memory.Add((float[])[10, 20, 30]));
        context.SetTensorAddress("y", memory.Add(y));
        stream.BeginCapture();
        context.EnqueueV3(stream.Handle);
        Assert.Contains("records a graph", Refused(() => refitter.RefitCudaEngineAsync(stream.Handle)), StringComparison.Ordinal);
        using CudaGraph graph = stream.EndCapture();
        using CudaGraphExec exec = graph.Instantiate();
        refitter.SetNamedWeights("numbers", Weights.From<float>([2, 2, 2]));
        refitter.RefitCudaEngine();
        exec.Launch(stream);
        TestDevice.Synchronize(stream);
        Assert.Equal([20, 40, 60], y);
    }

    [Fact]
    public async Task RunsNeverSeeHalfARefit()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, new float[3], BuilderFlag.Refit));
        using IRefitter refitter = TestLibrary.Current.CreateInferRefitter(engine, test.Log);
        using CancellationTokenSource enough = new();
        Task reader = Task.Run(() =>
        {
            using IExecutionContext context = engine.CreateExecutionContext();
            while (!enough.IsCancellationRequested)
            {
                float[] y = Run(context);
                Assert.Equal((2 * y[0], 3 * y[0]), (y[1], y[2]));
            }
        });
        for (int i = 0; i < 300 && !reader.IsCompleted; i++)
        {
            refitter.SetNamedWeights("numbers", Weights.From<float>([i, i, i]));
            refitter.RefitCudaEngine();
        }

        await enough.CancelAsync();
        await reader;
    }

    [Fact]
    public void RangesOfInt8TensorsCanBeRefitted()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [1, 1, 1, 3]);
        ITensor y = network.AddConvolutionNd(x, 1, [1, 1], Weights.From<float>([1]), default).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        x.SetDynamicRange(-127, 127);
        y.SetDynamicRange(-127, 127);
        using ICudaEngine engine = test.Load(test.Plan(network, config => config.Flags = [BuilderFlag.Int8, BuilderFlag.Refit]));
        using IExecutionContext context = engine.CreateExecutionContext();
        using IRefitter refitter = TestLibrary.Current.CreateInferRefitter(engine, test.Log);
        Assert.Equal(["x"], refitter.GetTensorsWithDynamicRange());
        Assert.Equal((-127f, 127f), (refitter.GetDynamicRangeMin("x"), refitter.GetDynamicRangeMax("x")));
        Assert.Equal(WeightsRole.Kernel, Assert.Single(refitter.GetAll()).Role);
        Assert.Equal([0, 11, -3], Run(context, [0.4f, 10.6f, -3.2f]));
        refitter.SetDynamicRange("x", -12.7f, 5);
        Assert.Equal((-12.7f, 5f), (refitter.GetDynamicRangeMin("x"), refitter.GetDynamicRangeMax("x")));
        refitter.RefitCudaEngine();
        Assert.All(Run(context, [0.4f, 10.6f, -3.2f]).Zip((float[])[0.4f, 10.6f, -3.2f]), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));
        Assert.Contains("finite", Refused(() => refitter.SetDynamicRange("x", 2, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void EnginesWithoutTheFlagHaveNoRefitter()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, [1, 2, 3]));
        Assert.False(engine.IsRefittable);
        Assert.Equal(-1, engine.GetEngineStat(EngineStat.StrippedWeightsSize));
        Assert.Contains("cannot be refitted", Refused(() => TestLibrary.Current.CreateInferRefitter(engine, test.Log)), StringComparison.Ordinal);
        using ISerializationConfig config = engine.CreateSerializationConfig();
        config.SetFlag(SerializationFlag.ExcludeWeights);
        Assert.Contains("kEXCLUDE_WEIGHTS needs an engine that can be refitted", Refused(() => engine.SerializeWithConfig(config)), StringComparison.Ordinal);
    }

    [Fact]
    public void NamesOfWeightsAreCheckedByTheNetwork()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        Weights first = Weights.From<float>([1, 2, 3]);
        Weights second = Weights.From<float>([1, 2, 3]);
        Assert.Contains("not used", Refused(() => network.SetWeightsName(first, "a")), StringComparison.Ordinal);
        network.AddConstant([3], first);
        network.AddConstant([3], second);
        network.SetWeightsName(first, "a");
        Assert.Contains("other weights", Refused(() => network.SetWeightsName(second, "a")), StringComparison.Ordinal);
        Assert.Contains("the same values as 3", Refused(() => network.SetWeightsName(new Weights(DataType.Float, first.Values, 2), "b")), StringComparison.Ordinal);
        network.AddConstant([2], Weights.From<int>([1, 2])).Name = "shape";
        network.SetWeightsName(((IConstantLayer)network.GetLayer(2)).Weights, "c");
        network.MarkWeightsRefittable("c");
        Assert.Contains("Int32", test.Log.Lines.Last().Text, StringComparison.Ordinal);
        Assert.Contains("There are no weights named d", Refused(() => network.MarkWeightsRefittable("d")), StringComparison.Ordinal);
    }

    private static byte[] Plan(TestEngine test, float[] numbers, params BuilderFlag[] flags)
    {
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [3]);
        IConstantLayer w = network.AddConstant([3], Weights.From(numbers));
        w.Name = "w";
        network.SetWeightsName(w.Weights, "numbers");
        ITensor y = network.AddElementWise(x, w.GetOutput(0), ElementWiseOperation.Prod).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        return test.Plan(network, config => Array.ForEach(flags, config.SetFlag));
    }

    private static float[] Run(IExecutionContext context, float[]? x = null)
    {
        using PinnedBuffers memory = new();
        float[] y = new float[3];
        context.SetTensorAddress("x", memory.Add(x ?? [10, 20, 30]));
        context.SetTensorAddress("y", memory.Add(y));
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        return y;
    }

    private static string Refused(Action action) => Assert.Throws<TensorRtException>(action).Message;
}
