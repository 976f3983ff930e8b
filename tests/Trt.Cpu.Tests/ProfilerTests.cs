using System.Text;
using Trt.Cpu.Tests.Calibration;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.Loading;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>Times of layers.</summary>
public class ProfilerTests
{
    [Fact]
    public void TellsEachLayerInOrderAfterEachRun()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(OnnxLeNet.Plan(test, _ => { }));
        using IExecutionContext context = engine.CreateExecutionContext();
        Times times = new();
        context.Profiler = times;
        Assert.Same(times, context.Profiler);
        float[] watched = Run(context);
        string[] expected = Names(test);
        Assert.Equal(expected, times.Layers.Select(layer => layer.Name));
        Assert.True(times["/conv1/Conv"] > 0 && times["/conv2/Conv"] > 0 && times["/fc1"] >= 0, string.Join(", ", times.Layers));
        Assert.All(times.Layers, layer => Assert.InRange(layer.Milliseconds, 0, 60_000));
        Run(context);
        Assert.Equal([.. expected, .. expected], times.Layers.Select(layer => layer.Name));
        context.Profiler = null;
        float[] plain = Run(context);
        Assert.Equal(2 * expected.Length, times.Layers.Count);
        Assert.Equal(plain, watched, (left, right) => Math.Abs(left - right) < 1e-4);
        Assert.Empty(test.Log.Errors);
    }

    [Fact]
    public void ReportsWhenAskedIfRunsDoNot()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(OnnxLeNet.Plan(test, config => config.ProfilingVerbosity = ProfilingVerbosity.None));
        using IExecutionContext context = engine.CreateExecutionContext();
        Assert.Contains("no profiler", Assert.Throws<TensorRtException>(context.ReportToProfiler).Message, StringComparison.Ordinal);
        Times times = new();
        context.Profiler = times;
        context.EnqueueEmitsProfile = false;
        Run(context);
        Assert.Empty(times.Layers);
        context.ReportToProfiler();
        Assert.Equal(Enumerable.Range(0, engine.NbLayers).Select(i => $"{i}"), times.Layers.Select(layer => layer.Name));
        Assert.Throws<TensorRtException>(context.ReportToProfiler);
    }

    [Fact]
    public void AProfilerThatThrowsIsNamed()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(OnnxLeNet.Plan(test, _ => { }));
        using IExecutionContext context = engine.CreateExecutionContext();
        context.Profiler = new Times { Throws = true };
        Assert.Contains(TestLibrary.IsDirect ? "IProfiler.ReportLayerTime threw InvalidOperationException" : "a callback threw InvalidOperationException", Assert.Throws<TensorRtException>(() => Run(context)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StubAndProxyGiveTheSameLayers()
    {
        using TestEngine test = new();
        LoopBackLibrary library = new(CpuRuntime.Provider, "10.16");
        using IRuntime runtime = library.CreateInferRuntime(test.Log);
        using ICudaEngine engine = runtime.DeserializeCudaEngine(OnnxLeNet.Plan(test, _ => { }));
        using IExecutionContext context = engine.CreateExecutionContext();
        Times times = new();
        context.Profiler = times;
        Run(context);
        Assert.Equal(Names(test), times.Layers.Select(layer => layer.Name));
    }

    [Fact]
    public void NodesAreFoundByTheirLayersNameWhateverOptimisationAddsToIt()
    {
        string json = """
            [
            {"cat": "Session", "name": "model_run", "dur": 9000},
            {"cat": "Node", "name": "/a/b/12_kernel_time", "dur": 1500},
            {"cat": "Node", "name": "/a/b/13_nchwc_kernel_time", "dur": 500},
            {"cat": "Node", "name": "fused (Unnamed Layer* 3) [Unary]/4_kernel_time", "dur": 250},
            {"cat": "Node", "name": "/a/b/12_fence_before", "dur": 7000},
            {"cat": "Node", "name": "t7_nchwc_kernel_time", "dur": 100},
            {"cat": "Node", "name": "ReorderOutput_kernel_time", "dur": 8000}
            ]
            """;
        Dictionary<string, string> makers = new() { ["t7"] = "/a/3" };
        Assert.Equal([2f, 0.25f, 0.1f], LayerTimes.Read(Encoding.UTF8.GetBytes(json), ["/a/b", "(Unnamed Layer* 3) [Unary]", "/a"], makers));
    }

    private static float[] Run(IExecutionContext context)
    {
        using PinnedBuffers memory = new();
        using CudaStream stream = new(TestDevice.Current);
        float[] prob = new float[200];
        context.SetInputShape("data", [OnnxLeNet.Batch, 1, 28, 28]);
        context.SetTensorAddress("data", memory.Add(OnnxLeNet.Images()));
        context.SetTensorAddress("prob", memory.Add(prob));
        context.EnqueueV3(stream.Handle);
        TestDevice.Synchronize(stream);
        return prob;
    }

    /// <summary>Names of the network's layers, each after those that it reads: as they are run.</summary>
    private static string[] Names(TestEngine test)
    {
        INetworkDefinition network = test.Network();
        OnnxLeNet.Define(network);
        return [.. Enumerable.Range(0, network.NbLayers).Select(i => network.GetLayer(i).Name)];
    }

    private sealed class Times : IProfiler
    {
        public bool Throws { get; init; }

        public List<(string Name, float Milliseconds)> Layers { get; } = [];

        public float this[string start] => Layers.First(layer => layer.Name.StartsWith(start, StringComparison.Ordinal)).Milliseconds;

        public void ReportLayerTime(string layerName, float ms)
        {
            if (Throws)
            {
                throw new InvalidOperationException("not today");
            }

            Layers.Add((layerName, ms));
        }
    }
}
