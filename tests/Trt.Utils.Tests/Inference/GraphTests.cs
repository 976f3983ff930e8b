using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Utils.Tests.Inference;

/// <summary>Graphs: recorded when a run comes again, launched afterwards, recorded anew for other shapes and addresses, and never in the way.</summary>
public class GraphTests(string? release = null)
{
    private static readonly RunnerOptions Graphs = new() { UseCudaGraphs = true };

    [Fact]
    public void ARunIsRecordedWhenItComesAgain()
    {
        using RunnerRig rig = new(release);
        using InferenceContext context = rig.Runner(rig.Relu(1, 8), Graphs).Rent();
        Assert.Equal([false, true, true], (bool[])[Run(context, 1), Run(context, 1), Run(context, 1)]);

        // Another shape; then both have their graph.
        Assert.Equal([false, true], (bool[])[Run(context, 4), Run(context, 4)]);
        Assert.Equal([true, true, true], (bool[])[Run(context, 1), Run(context, 4), Run(context, 1)]);
        context.ClearGraphs();
        Assert.Equal([false, true], (bool[])[Run(context, 1), Run(context, 1)]);
        Assert.Null(context.GraphRefusal);
    }

    [Fact]
    public void TheOldestGraphMakesRoom()
    {
        using RunnerRig rig = new(release);
        using InferenceContext context = rig.Runner(rig.Relu(1, 8), Graphs with { MaxGraphs = 2 }).Rent();
        foreach (int rows in (int[])[1, 2, 3])
        {
            Assert.Equal([false, true], (bool[])[Run(context, rows), Run(context, rows)]);
        }

        Assert.True(Run(context, 2));
        Assert.True(Run(context, 3));
        Assert.False(Run(context, 1));
    }

    [Fact]
    public void AnotherAddressIsAnotherGraph()
    {
        using RunnerRig rig = new(release);
        using InferenceContext context = rig.Runner(rig.Relu(), Graphs).Rent();
        using DeviceMemory<float> x = new(3, TestDevice.Current), first = new(3, TestDevice.Current), second = new(3, TestDevice.Current);
        context["x"].Bind(x);
        List<bool> launched = [];
        for (int i = 0; i < 8; i++)
        {
            DeviceMemory<float> y = i % 2 == 0 ? first : second;
            x.CopyFrom([i, -i, i + 1]);
            context["y"].Bind(y);
            context.Run();
            launched.Add(context.WasGraph);
            Assert.Equal([i, 0, i + 1], y.ToArray());
        }

        Assert.Equal([false, false, true, true, true, true, true, true], launched);
    }

    [Fact]
    public void MemoryThatGrowsDropsItsGraphs()
    {
        using RunnerRig rig = new(release);
        using InferenceContext context = rig.Runner(rig.Relu(1, 4000), Graphs).Rent();
        Assert.Equal([false, true], (bool[])[Run(context, 1), Run(context, 1)]);
        Assert.Equal([false, true], (bool[])[Run(context, 4000), Run(context, 4000)]); // the memory moves
        Assert.Equal([false, true, true], (bool[])[Run(context, 1), Run(context, 1), Run(context, 4000)]);
    }

    [Fact]
    public void AStreamThatRecordsForItsUserGetsThePlainRun()
    {
        using RunnerRig rig = new(release);
        using InferenceContext context = rig.Runner(rig.Relu(), Graphs).Rent();
        using CudaStream stream = new(TestDevice.Current);
        Run(context, 2);
        Run(context, 2);
        stream.BeginCapture();
        context.Enqueue(stream);
        using CudaGraph graph = stream.EndCapture();
        using CudaGraphExec exec = graph.Instantiate();
        context["x"].AsSpan<float>().Fill(5);
        context["y"].AsSpan<float>().Clear();
        exec.Launch(stream);
        stream.Synchronize();
        Assert.Equal(Enumerable.Repeat(5f, 6), context["y"].ToArray<float>());
        Assert.True(Run(context, 2));
    }

    [Fact]
    public void AFailureWhileRecordingLeavesTheStreamUsable()
    {
        using RunnerRig rig = new(release);
        Disturbing disturbing = new();
        using InferenceContext context = rig.Runner(rig.Relu(), Graphs with { ConfigureContext = made => made.SetOutputAllocator("y", disturbing) }).Rent();
        disturbing.Stream = context.Stream;
        disturbing.Memory = new DeviceMemory<float>(6, TestDevice.Current);
        using DeviceMemory<float> memory = disturbing.Memory;
        context["x"].CopyFrom<float>([1, -2, 3]);
        for (int i = 0; i < 3; i++)
        {
            context.Run();
            Assert.False(context.WasGraph);
            Assert.False(context.Stream.IsCapturing);
            Assert.Equal([1, 0, 3], memory.ToArray()[..3]);
            memory.Clear();
        }

        Assert.Equal(1, disturbing.Refused);
        Assert.NotNull(context.GraphRefusal);
    }

    [Fact]
    public void AnInvalidatedRecordingLeavesTheStreamUsable()
    {
        using RunnerRig rig = new(release);
        Disturbing disturbing = new() { Invalidates = true };
        using InferenceContext context = rig.Runner(rig.Relu(), Graphs with { ConfigureContext = made => made.SetOutputAllocator("y", disturbing) }).Rent();
        disturbing.Stream = context.Stream;
        disturbing.Memory = new DeviceMemory<float>(6, TestDevice.Current);
        using DeviceMemory<float> memory = disturbing.Memory;
        context["x"].CopyFrom<float>([1, -2, 3]);
        for (int i = 0; i < 3; i++)
        {
            context.Run();
            Assert.Equal(CaptureStatus.None, context.Stream.CaptureStatus);
            Assert.Equal([1, 0, 3], memory.ToArray()[..3]);
        }

        Assert.NotNull(context.GraphRefusal);
    }

    [Fact]
    public void LaunchesAllocateNothing()
    {
        using RunnerRig rig = new(release);
        using InferenceContext context = rig.Runner(rig.Relu(1, 8), Graphs).Rent();
        for (int i = 0; i < 5; i++)
        {
            Run(context, 1);
            Run(context, 4);
        }

        float[] x = new float[12];
        long least = long.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            context["x"].CopyFrom<float>(x.AsSpan(0, 3));
            context.Run();
            context["x"].CopyFrom<float>(x);
            context.Run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.True(context.WasGraph);
        Assert.Equal(0, least);
    }

    /// <summary>Runs with so many rows.</summary>
    /// <returns>Whether a graph was launched.</returns>
    private static bool Run(InferenceContext context, int rows)
    {
        float[] x = [.. Enumerable.Range(0, rows * 3).Select(i => (float)(rows - i))];
        context["x"].CopyFrom<float>(x);
        context.Run();
        Assert.Equal(x.Select(value => Math.Max(value, 0)), context["y"].ToArray<float>());
        return context.WasGraph;
    }

    /// <summary>Does while the stream records what must not be done there.</summary>
    private sealed class Disturbing : IOutputAllocator
    {
        public CudaStream? Stream { get; set; }

        public DeviceMemory<float>? Memory { get; set; }

        public bool Invalidates { get; init; }

        public int Refused { get; private set; }

        public nint ReallocateOutput(string tensorName, nint currentMemory, ulong size, ulong alignment)
        {
            if (Stream!.IsCapturing)
            {
                Refused++;
                if (Invalidates)
                {
                    Assert.Throws<CudaException>(Stream.Synchronize);
                }
                else
                {
                    return 0;
                }
            }

            return Memory!.Pointer;
        }

        public void NotifyShape(string tensorName, Dims dims)
        {
        }
    }
}
