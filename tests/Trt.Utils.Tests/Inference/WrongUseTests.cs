using System.Numerics.Tensors;
using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Utils.Tests.Inference;

/// <summary>What is said of wrong names, shapes, types, memory and times; nothing of it reaches the library, and the next run is right.</summary>
public class WrongUseTests(string? release = null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void WrongNamesRanksExtentsAndTypes()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Relu(), new RunnerOptions { Name = "relu.plan" });
        using InferenceContext context = runner.Rent();
        Assert.Contains("relu.plan has no input or output \"z\": its inputs are x Float -1x3, its outputs y Float -1x3", Message(() => context["z"]), StringComparison.Ordinal);
        Assert.Contains("\"y\" is an output of relu.plan, but was given among the inputs", Message(() => runner.Run(TensorBinding.Of("y", new float[3]))), StringComparison.Ordinal);
        Assert.Contains("names no tensor", Message(() => runner.Run(default(TensorBinding))), StringComparison.Ordinal);
        Assert.Contains("Input \"x\" has 2 axes (-1x3), but the shape 2x3x1 has 3", Message(() => context["x"].Shape = [2, 3, 1]), StringComparison.Ordinal);
        Assert.Contains("in which axis 1 is 3; the shape 2x4 has 4 there", Message(() => context["x"].Shape = [2, 4]), StringComparison.Ordinal);
        Assert.Contains("in which axis 0 is 0 or more", Message(() => context["x"].Shape = [-1, 3]), StringComparison.Ordinal);
        Assert.Contains("Input \"x\" has elements of type Float, not Int32: use float", Message(() => context["x"].CopyFrom<int>(new int[3])), StringComparison.Ordinal);
        Assert.Contains("not Byte", Message(() => runner.Run<byte, float>(new byte[3], new float[3])), StringComparison.Ordinal);
        Assert.Contains("Output \"y\" has elements of type Float, not Half", Message(() => runner.Run<float, Half>(new float[3], new Half[3])), StringComparison.Ordinal);
        Assert.Contains("-1x3, which 4 elements do not fill", Message(() => context["x"].CopyFrom<float>(new float[4])), StringComparison.Ordinal);
        Assert.Contains("of shape 2x3 has 6 elements, but 5 were given", Message(() => context["x"].CopyFrom<float>(new float[5], [2, 3])), StringComparison.Ordinal);
        Assert.Contains("2 axes (-1x3)", Message(() => context["x"].CopyFrom(Tensor.Create(new float[3], [3]))), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => context["y"].Shape = [1, 3]);
        Assert.Contains("is an output", Assert.Throws<InvalidOperationException>(() => context["y"].CopyFrom<float>(new float[3])).Message, StringComparison.Ordinal);
        Assert.Contains("outputs", Assert.Throws<InvalidOperationException>(() => runner.Outputs[0].MaxShape(0)).Message.Replace("an output", "outputs", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Empty(rig.Log.Errors);
        AssertRuns(context);
    }

    [Fact]
    public void TooLittleRoomIsToldBeforeTheRun()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Relu());
        using DeviceMemory<float> five = new(5, TestDevice.Current);
        using PinnedMemory<float> four = new(4, TestDevice.Current);
        float[] x = [1, -2, 3, 4, 5, 6];
        Assert.Contains("Output \"y\" has 6 elements (2x3), but there is room for 5", Message(() => runner.Run<float, float>(x, new float[5])), StringComparison.Ordinal);
        Assert.Contains("there is room for 5", Message(() => runner.Run([TensorBinding.Of("x", x)], [TensorBinding.Of("y", new float[5])])), StringComparison.Ordinal);
        Assert.Contains("Output \"y\" of shape 2x3 needs 24 bytes, but the memory bound to it has 20", Message(() => runner.Run([TensorBinding.Of("x", x)], [TensorBinding.Of("y", five)])), StringComparison.Ordinal);
        Assert.Contains("needs 24 bytes, but the memory bound to it has 16", Message(() => runner.Run([TensorBinding.Of("x", x)], [TensorBinding.Of("y", four)])), StringComparison.Ordinal);
        Assert.Contains("Input \"x\" of shape 2x3 has 6 elements, but 5 were given", Message(() => runner.Run(TensorBinding.Of("x", five, [2, 3]))), StringComparison.Ordinal);
        using InferenceContext context = runner.Rent();
        context["x"].Bind(five.Pointer, five.ByteLength, [2, 3]);
        Assert.Contains("Input \"x\" of shape 2x3 needs 24 bytes", Message(() => context.Run()), StringComparison.Ordinal);
        AssertRuns(context);
    }

    [Fact]
    public void MissingValuesAndShapes()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Relu());
        using (InferenceContext context = runner.Rent())
        {
            Assert.Contains("\"x\" has no values yet", Assert.Throws<InvalidOperationException>(() => context.Run()).Message, StringComparison.Ordinal);
            Assert.Contains("set its Shape first", Assert.Throws<InvalidOperationException>(() => context["x"].AsSpan<float>()).Message, StringComparison.Ordinal);
            Assert.Contains("set its Shape, or give it values", Assert.Throws<InvalidOperationException>(context.InferShapes).Message, StringComparison.Ordinal);
            Assert.Contains("has no values before a run", Assert.Throws<InvalidOperationException>(() => context["y"].ToArray<float>()).Message, StringComparison.Ordinal);
            AssertRuns(context);
        }

        // The values of one user are never the next one's.
        using InferenceContext again = runner.Rent();
        Assert.Contains("\"x\" has no values yet", Assert.Throws<InvalidOperationException>(() => again.Run()).Message, StringComparison.Ordinal);
        Assert.Contains("\"x\" has no values yet", Assert.Throws<InvalidOperationException>(() => runner.Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EnginesOfMoreTensorsWantNames()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Positions());
        Assert.Contains("2 outputs (where Int32 2x-1, sum Float scalar): name them", Message(() => runner.Run<float, int>(new float[3], new int[6])), StringComparison.Ordinal);
    }

    [Fact]
    public void DisposedMemoryAndStreamsAreNamed()
    {
        using RunnerRig rig = new(release);
        using InferenceContext context = rig.Runner(rig.Relu()).Rent();
        DeviceMemory<float> x = new(6, TestDevice.Current), y = new(6, TestDevice.Current);
        x.CopyFrom([1, -2, 3, 4, 5, 6]);
        context["x"].Bind(x);
        context["y"].Bind(y);
        context.Run();
        Assert.Equal([1, 0, 3, 4, 5, 6], y.ToArray());
        x.Dispose();
        Assert.Contains("bound to input \"x\" has been disposed", Assert.Throws<ObjectDisposedException>(() => context.Run()).Message, StringComparison.Ordinal);
        context["x"].CopyFrom<float>([1, -2, 3, 4, 5, 6]);
        y.Dispose();
        Assert.Contains("bound to output \"y\" has been disposed", Assert.Throws<ObjectDisposedException>(() => context.Run()).Message, StringComparison.Ordinal);
        context["y"].Unbind();
        CudaStream stream = new(TestDevice.Current);
        stream.Dispose();
        Assert.Throws<ObjectDisposedException>(() => context.Run(stream));
        AssertRuns(context);
    }

    [Fact]
    public async Task ContextsAndRunnersThatWereGivenBack()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Relu(), new RunnerOptions { MaxContexts = 1 });
        InferenceContext context = runner.Rent();
        Task waiting = Task.Run(() => Assert.Throws<ObjectDisposedException>(() => runner.Rent()));
        Task<InferenceContext> asyncWaiting = runner.RentAsync().AsTask();
        using CancellationTokenSource cancelled = new();
        Task<InferenceContext> cancelledWaiting = runner.RentAsync(cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelledWaiting.WaitAsync(Patience));
        runner.Dispose();
        await waiting.WaitAsync(Patience);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => asyncWaiting.WaitAsync(Patience));

        // Whoever has a context may finish.
        AssertRuns(context);
        context.Dispose();
        context.Dispose();
        Assert.Throws<ObjectDisposedException>(() => context.Run());
        Assert.Throws<ObjectDisposedException>(() => context["x"].AsSpan<float>());
        Assert.Throws<ObjectDisposedException>(() => runner.Rent());
    }

    [Fact]
    public async Task TwoRunsAtOnceOnOneContextAreRefused()
    {
        using RunnerRig rig = new(release);
        using InferenceContext context = rig.Runner(rig.Relu()).Rent();
        using ManualResetEventSlim gate = new(), entered = new();
        using CudaStream stream = new(TestDevice.Current);
        context["x"].CopyFrom<float>([1, -2, 3]);
        stream.Enqueue(() =>
        {
            entered.Set();
            gate.Wait();
        });
        Task first = Task.Run(() => context.Run(stream));
        entered.Wait();
        bool isRefused = SpinWait.SpinUntil(() => Throws(context.Synchronize), Patience) && Throws(() => context.Run());
        Exception? copying = Record.Exception(() => context["x"].CopyFrom<float>([1, 2, 3]));
        Exception? disposing = Record.Exception(context.Dispose);
        gate.Set();
        await first.WaitAsync(Patience);
        Assert.True(isRefused);
        Assert.Contains("Rent another context", Assert.IsType<InvalidOperationException>(copying).Message, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(disposing);
        Assert.Equal([1, 0, 3], context["y"].ToArray<float>());
        AssertRuns(context);

        static bool Throws(Action action)
        {
            try
            {
                action();
                return false;
            }
            catch (InvalidOperationException)
            {
                return true;
            }
        }
    }

    [Fact]
    public void OptionsOutOfRange()
    {
        using RunnerRig rig = new(release);
        ICudaEngine engine = rig.Relu();
        Assert.Throws<ArgumentOutOfRangeException>(() => new InferenceRunner(engine, new RunnerOptions { MaxContexts = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new InferenceRunner(engine, new RunnerOptions { MaxGraphs = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new InferenceRunner(engine, new RunnerOptions { Profile = 1 }));
        Assert.Throws<ArgumentNullException>(() => new InferenceRunner(null!));
    }

    private static string Message(Func<object?> action) => Assert.Throws<ArgumentException>(action).Message;

    private static string Message(Action action) => Assert.Throws<ArgumentException>(action).Message;

    private static void AssertRuns(InferenceContext context)
    {
        context["x"].CopyFrom<float>([-1, 2, -3, 4, 5, -6]);
        context["y"].Unbind();
        context.Run();
        Assert.Equal([0, 2, 0, 4, 5, 0], context["y"].ToArray<float>());
    }
}
