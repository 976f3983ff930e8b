using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Utils.Tests.Inference;

/// <summary>Many threads, awaited runs, and contexts that the library does not make.</summary>
public class ParallelTests(string? release = null)
{
    [Theory]
    [InlineData(16, false)]
    [InlineData(3, true)]
    public void SixteenThreadsGetEqualResults(int contexts, bool graphs)
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Load(rig.LeNet((1, 4, 32))), new RunnerOptions { MaxContexts = contexts, UseCudaGraphs = graphs });
        float[] digits = RunnerRig.Digits(20);
        float[][] expected = [.. Enumerable.Range(0, 20).Select(digit => Run(runner, digits, digit, 1))];
        using Barrier start = new(16);
        System.Collections.Concurrent.ConcurrentQueue<string> failures = new();
        Thread[] threads = [.. Enumerable.Range(0, 16).Select(number => new Thread(() =>
        {
            start.SignalAndWait();
            for (int i = 0; i < 25; i++)
            {
                int digit = (number + i) % 20;
                try
                {
                    if (!Run(runner, digits, digit, 1).AsSpan().SequenceEqual(expected[digit]))
                    {
                        failures.Enqueue($"thread {number} got another result for digit {digit}");
                    }
                }
                catch (Exception error)
                {
                    failures.Enqueue(error.ToString());
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(failures);
        Assert.InRange(runner.ContextCount, 1, contexts);
        Assert.Null(runner.ContextLimit);
        Assert.Equal(RunnerRig.Probabilities(1).ToList().IndexOf(RunnerRig.Probabilities(1).Max()), expected[0].ToList().IndexOf(expected[0].Max()));
    }

    [Fact]
    public async Task AwaitedRunsOfEveryForm()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Load(rig.LeNet((1, 4, 32))), new RunnerOptions { MaxContexts = 3 });
        float[] digits = RunnerRig.Digits(20);
        float[] expected = RunnerRig.Probabilities(20);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async number =>
        {
            float[] prob = new float[200];
            Dims shape = await runner.RunAsync<float, float>(digits, prob);
            Assert.Equal<Dims>([20, 10], shape);
            Near(expected, prob);
            Array.Clear(prob);
            await runner.RunAsync((TensorBinding[])[TensorBinding.Of("data", digits)], (TensorBinding[])[TensorBinding.Of("prob", prob)]);
            Near(expected, prob);
            Near(expected, (await runner.RunAsync((TensorBinding[])[TensorBinding.Of("data", digits)]))["prob"].ToArray<float>());
        }));
        Assert.Equal(3, runner.ContextCount);
        using InferenceContext context = runner.Rent();
        using CudaStream stream = new(TestDevice.Current);
        for (int i = 0; i < 10; i++)
        {
            context["data"].CopyFrom<float>(digits);
            await context.RunAsync(i % 2 == 0 ? stream : null);
            Near(expected, context["prob"].ToArray<float>());
        }
    }

    [Fact]
    public async Task CancellationEndsTheWaitingAndDropsResults()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Relu(), new RunnerOptions { MaxContexts = 1 });
        using CancellationTokenSource source = new();
        InferenceContext context = runner.Rent();
        float[] y = new float[3];
        Task waiting = runner.RunAsync<float, float>(new float[3], y, null, source.Token).AsTask();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => context.RunAsync(null, source.Token).AsTask());

        // A run that has begun is waited for: its memory is in use.
        using CancellationTokenSource late = new();
        using ManualResetEventSlim gate = new();
        context["x"].CopyFrom<float>([1, -2, 3]);
        context.Stream.Enqueue(gate.Wait);
        Task run = context.RunAsync(null, late.Token).AsTask();
        late.Cancel();
        Assert.False(run.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => context["x"].CopyFrom<float>([1, 2, 3]));
        gate.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal([1, 0, 3], context["y"].ToArray<float>());
        context.Dispose();
        Assert.Equal<Dims>([1, 3], await runner.RunAsync<float, float>((float[])[1, -2, 3], y));
        Assert.Equal([1, 0, 3], y);
    }

    [Fact]
    public async Task AFailureInTheStreamIsToldToWhoAwaits()
    {
        using RunnerRig rig = new(release);
        using InferenceContext context = rig.Runner(rig.Relu()).Rent();
        context["x"].CopyFrom<float>([1, -2, 3]);
        context.Stream.Enqueue(() => throw new InvalidTimeZoneException("broken"));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => context.RunAsync().AsTask());
        await context.RunAsync();
        Assert.Equal([1, 0, 3], context["y"].ToArray<float>());
        context.Stream.Enqueue(() => throw new InvalidTimeZoneException("broken"));
        Assert.Throws<InvalidTimeZoneException>(() => context.Run());
        context.Run();
        Assert.Equal([1, 0, 3], context["y"].ToArray<float>());
    }

    [Fact]
    public async Task AContextWhoseRunNobodyAwaitedCanBeRentedAgain()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Relu(), new RunnerOptions { MaxContexts = 1 });
        for (int i = 0; i < 20; i++)
        {
            ValueTask forgotten;
            using (InferenceContext context = runner.Rent())
            {
                context["x"].CopyFrom<float>([1, -2, 3]);
                forgotten = context.RunAsync();
            }

            float[] y = new float[3];
            await runner.RunAsync<float, float>((float[])[i, -1, 1], y);
            Assert.Equal([i, 0, 1], y);
            await forgotten;
        }
    }

    [Fact]
    public async Task WhereTheLibraryMakesNoMoreContextsRunsWait()
    {
        using RunnerRig rig = new(release);
        int made = 0;
        InferenceRunner runner = rig.Runner(rig.Relu(), new RunnerOptions
        {
            MaxContexts = 4,
            ConfigureContext = _ => made = Interlocked.Increment(ref made) <= 2 ? made : throw new TensorRtException("no memory for a third context"),
        });
        InferenceContext first = runner.Rent(), second = runner.Rent();
        Task<InferenceContext> third = Task.Run(() => runner.Rent());
        Task<InferenceContext> fourth = runner.RentAsync().AsTask();
        Assert.True(SpinWait.SpinUntil(() => runner.ContextLimit is not null, TimeSpan.FromSeconds(30)));
        first.Dispose();
        second.Dispose();
        InferenceContext[] later = await Task.WhenAll(third, fourth).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(2, runner.ContextCount);
        Assert.Equal(3, made); // asked once, not again and again
        Assert.Contains("no memory for a third context", runner.ContextLimit, StringComparison.Ordinal);
        Array.ForEach(later, context => context.Dispose());
        InferenceRunner none = rig.Runner(rig.Relu(), new RunnerOptions { ConfigureContext = _ => throw new TensorRtException("no memory at all") });
        Assert.Contains("no memory at all", Assert.Throws<TensorRtException>(() => none.Rent()).Message, StringComparison.Ordinal);
    }

    private static float[] Run(InferenceRunner runner, float[] digits, int first, int count)
    {
        float[] prob = new float[count * 10];
        runner.Run<float, float>(digits.AsSpan(first * 784, count * 784), prob);
        return prob;
    }

    private static void Near(float[] expected, float[] actual) => Assert.True(expected.Zip(actual, (right, mine) => Math.Abs(right - mine)).Max() < 1e-4f * (expected.Max() - expected.Min()));
}
