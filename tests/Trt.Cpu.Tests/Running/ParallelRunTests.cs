using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Cpu.Tests.Running;

/// <summary>Contexts of one engine side by side, profiles, graphs of several runs, and what is told while running.</summary>
public class ParallelRunTests
{
    /// <summary>Each thread has a context and a stream; every run has another shape and other numbers, and several are under way at once.</summary>
    [Fact]
    public async Task FourThreadsRunOneEngineWithShapesOfTheirOwn()
    {
        const int threads = 4;
        const int runs = 50;
        const int atOnce = 5;
        using TestEngine test = new();
        ICudaEngine engine = test.Load(Product(test));
        await Task.WhenAll(Enumerable.Range(0, threads).Select(worker => Task.Factory.StartNew(() => Work(worker), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        void Work(int worker)
        {
            using IExecutionContext context = engine.CreateExecutionContext();
            using CudaStream stream = new(TestDevice.Current);
            for (int first = 0; first < runs; first += atOnce)
            {
                using PinnedBuffers memory = new();
                List<(float[] X, float[] Y)> pending = [];
                for (int run = first; run < first + atOnce; run++)
                {
                    int rows = 1 + (((run * 7) + (worker * 3)) % 16);
                    float[] x = [.. Enumerable.Range(0, rows * 2).Select(i => (float)((worker * 1000) + run + i))];
                    float[] y = new float[rows * 2];
                    context.SetInputShape("x", [rows, 2]);
                    context.SetTensorAddress("x", memory.Add(x));
                    context.SetTensorAddress("y", memory.Add(y));
                    context.EnqueueV3(stream.Handle);
                    pending.Add((x, y));
                }

                TestDevice.Synchronize(stream);
                Assert.All(pending, pair => Assert.Equal(Expected(pair.X), pair.Y));
            }
        }
    }

    [Fact]
    public void GraphHoldsSeveralRuns()
    {
        using TestEngine test = new();
        using IExecutionContext context = test.Load(Product(test)).CreateExecutionContext();
        using CudaStream stream = new(TestDevice.Current);
        using PinnedBuffers memory = new();
        float[][] inputs = [new float[2], new float[6], new float[4]];
        float[][] outputs = [.. inputs.Select(x => new float[x.Length])];
        stream.BeginCapture();
        for (int i = 0; i < inputs.Length; i++)
        {
            context.SetInputShape("x", [inputs[i].Length / 2, 2]);
            context.SetTensorAddress("x", memory.Add(inputs[i]));
            context.SetTensorAddress("y", memory.Add(outputs[i]));
            context.EnqueueV3(stream.Handle);
        }

        using CudaGraph graph = stream.EndCapture();
        Assert.All(outputs, y => Assert.All(y, number => Assert.Equal(0, number)));
        using CudaGraphExec exec = graph.Instantiate();
        for (int launch = 1; launch <= 3; launch++)
        {
            foreach (float[] x in inputs)
            {
                for (int i = 0; i < x.Length; i++)
                {
                    x[i] = (10 * launch) + i;
                }
            }

            memory.Push();
            exec.Launch(stream);
            TestDevice.Synchronize(stream);
            Assert.All(inputs.Zip(outputs), pair => Assert.Equal(Expected(pair.First), pair.Second));
        }
    }

    [Fact]
    public void AnotherProfileForgetsTheShapes()
    {
        using TestEngine test = new();
        using IExecutionContext context = test.Load(Product(test)).CreateExecutionContext();
        Assert.Equal(0, context.OptimizationProfile);
        context.SetInputShape("x", [16, 2]);
        Assert.Throws<TensorRtException>(() => context.SetOptimizationProfileAsync(2, 0));
        Assert.Throws<TensorRtException>(() => context.SetOptimizationProfileAsync(-1, 0));
        Assert.Equal(0, context.OptimizationProfile);
        Assert.Equal<Dims>([16, 2], context.GetTensorShape("y"));
        context.SetOptimizationProfileAsync(1, 0);
        Assert.False(context.AllInputDimensionsSpecified());
        Assert.Equal(["x"], context.InferShapes());
        Assert.Equal<Dims>([-1, 2], context.GetTensorShape("y"));
        Assert.Throws<TensorRtException>(() => context.SetInputShape("x", [16, 2]));
        context.SetInputShape("x", [20, 2]);
        Assert.Equal<Dims>([20, 2], context.GetTensorShape("y"));
    }

    [Fact]
    public void ConsumedInputsAreSignalled()
    {
        using TestEngine test = new();
        using IExecutionContext context = test.Load(Product(test)).CreateExecutionContext();
        using CudaStream stream = new(TestDevice.Current);
        using CudaStream other = new(TestDevice.Current);
        using CudaEvent consumed = new(TestDevice.Current);
        using PinnedBuffers memory = new();
        float[] x = [1, 2];
        float[] y = new float[2];
        context.SetInputShape("x", [1, 2]);
        context.SetTensorAddress("x", memory.Add(x));
        context.SetTensorAddress("y", memory.Add(y));
        context.InputConsumedEvent = consumed.Handle;
        Assert.Equal(consumed.Handle, context.InputConsumedEvent);
        context.EnqueueV3(stream.Handle);
        other.Wait(consumed);
        other.Enqueue(() => Array.Fill(x, -1));
        TestDevice.Synchronize(other);
        Assert.True(consumed.IsComplete);
        TestDevice.Synchronize(stream);
        Assert.Equal(Expected([1, 2]), y);
        context.InputConsumedEvent = 0;
        Assert.Equal(0, context.InputConsumedEvent);
    }

    [Fact]
    public void DebugSyncTellsTheLayersThatRan()
    {
        using TestEngine test = new();
        using IExecutionContext context = test.Load(Product(test)).CreateExecutionContext();
        using PinnedBuffers memory = new();
        float[] y = new float[2];
        context.SetInputShape("x", [1, 2]);
        context.DebugSync = true;
        context.ExecuteV2([memory.Add((float[])[1, 2]), memory.Add(y)]);
        TestDevice.Synchronize();
        Assert.Equal(Expected([1, 2]), y);
        Assert.Contains(test.Log.Lines, line => line.Severity == Severity.Info && line.Text.Contains("times was executed", StringComparison.Ordinal));
    }

    [Fact]
    public void BuildTellsLayersToThoseWhoListen()
    {
        using TestEngine test = new();
        Product(test);
        IEnumerable<string> lines = test.Log.Lines.Where(line => line.Severity == Severity.Verbose).Select(line => line.Text);
        Assert.Contains("MatrixMultiply times: x Float [-1,2], (Unnamed Layer* 0) [Constant]_output Float [2,2] -> y Float [-1,2]", lines);
        Assert.Contains("Original: 3 layers", lines);
        Assert.Contains("After dead-layer removal: 2 layers", lines);
    }

    [Fact]
    public void ErrorsOfARunGoToTheRecorderOfItsContext()
    {
        using TestEngine test = new();
        Recorder ofRuntime = new();
        Recorder ofContext = new();
        test.Runtime.ErrorRecorder = ofRuntime;
        ICudaEngine engine = test.Load(Product(test));
        Assert.NotNull(engine.ErrorRecorder);
        using (IExecutionContext context = engine.CreateExecutionContext())
        {
            Assert.NotNull(context.ErrorRecorder);
            context.ErrorRecorder = ofContext;
            int before = test.Log.Errors.Count();
            Assert.Throws<TensorRtException>(() => context.SetInputShape("x", [99, 2]));
            Assert.Throws<TensorRtException>(() => engine.GetIOTensorName(9));
            Assert.Equal(before, test.Log.Errors.Count());
        }

        Assert.Equal((1, 1), (ofRuntime.NbErrors, ofContext.NbErrors));
        Assert.Equal(0, ofContext.References);
        engine.Dispose();
        test.Runtime.ErrorRecorder = null;
        Assert.Equal(0, ofRuntime.References);
    }

    /// <summary>y = x · [[1, 2], [3, 4]]; 1 to 16 rows, or with the second profile 17 to 32. One layer more has no use.</summary>
    private static byte[] Product(TestEngine test)
    {
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [-1, 2]);
        ITensor w = network.AddConstant([2, 2], Weights.From((float[])[1, 2, 3, 4])).GetOutput(0);
        ILayer layer = network.AddMatrixMultiply(x, MatrixOperation.None, w, MatrixOperation.None);
        layer.Name = "times";
        layer.GetOutput(0).Name = "y";
        network.MarkOutput(layer.GetOutput(0));
        network.AddActivation(x, ActivationType.Relu);
        return test.Plan(network, config =>
        {
            foreach ((int least, int greatest) in (ReadOnlySpan<(int, int)>)[(1, 16), (17, 32)])
            {
                IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
                profile.SetDimensions("x", OptProfileSelector.Min, [least, 2]);
                profile.SetDimensions("x", OptProfileSelector.Opt, [least, 2]);
                profile.SetDimensions("x", OptProfileSelector.Max, [greatest, 2]);
                config.AddOptimizationProfile(profile);
            }
        });
    }

    private static float[] Expected(float[] x) => [.. Enumerable.Range(0, x.Length).Select(i => i % 2 == 0 ? x[i] + (3 * x[i + 1]) : (2 * x[i - 1]) + (4 * x[i]))];

    private sealed class Recorder : IErrorRecorder
    {
        private readonly List<(ErrorCode Code, string Text)> errors = [];

        public int References { get; private set; }

        public int NbErrors => errors.Count;

        public ErrorCode GetErrorCode(int errorIdx) => errors[errorIdx].Code;

        public string GetErrorDesc(int errorIdx) => errors[errorIdx].Text;

        public bool HasOverflowed() => false;

        public void Clear() => errors.Clear();

        public bool ReportError(ErrorCode val, string desc)
        {
            errors.Add((val, desc));
            return true;
        }

        public int IncRefCount() => ++References;

        public int DecRefCount() => --References;
    }
}
