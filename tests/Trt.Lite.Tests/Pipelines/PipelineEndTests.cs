using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite.Tests.Pipelines;

/// <summary>However a pipeline ends, nothing of it runs any more: its source has ended, no sample is being worked on, all contexts are back; and after the engine is disposed no thread and no native object is left.</summary>
[Collection(AloneCollection.Name)]
public sealed class PipelineEndTests : IDisposable
{
    /// <summary>Several batches at once, however few processors there are.</summary>
    private static readonly PipelineOptions Lanes = new() { Lanes = 3 };

    private readonly ConcurrentQueue<LeakReport> leaks = new();
    private readonly int threadsBefore;
    private int working;
    private int handled;

    public PipelineEndTests()
    {
        Collect(); // what other tests have left
        threadsBefore = StreamThreads();
        Leaks.Reported += leaks.Enqueue;
    }

    public void Dispose() => Leaks.Reported -= leaks.Enqueue;

    [Fact]
    public async Task A_loop_to_the_end() => await Ends(async (engine, source) =>
    {
        int count = 0;
        await foreach (SampleResult<float> result in engine.PipelineAsync<float[], float>(source.Numbers(1000), Lanes))
        {
            Assert.Equal(count++, result.Index);
        }

        Assert.Equal(1000, count);
    });

    [Fact]
    public async Task An_exception_of_a_sample() => await Ends(async (engine, source) =>
    {
        SampleException error = await Assert.ThrowsAsync<SampleException>(() => Read(engine, source.Numbers(int.MaxValue, bad: 99), Lanes with { StopOnError = true }, (_, _) => Task.CompletedTask));
        Assert.Equal(99, error.Index);
    });

    [Fact]
    public async Task An_exception_of_the_consumer() => await Ends(async (engine, source) =>
        await Assert.ThrowsAsync<TimeoutException>(() => Read(engine, source.Numbers(int.MaxValue), null, (_, index) => index == 50 ? throw new TimeoutException() : Task.CompletedTask)));

    [Fact]
    public async Task An_exception_of_the_source() => await Ends(async (engine, source) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => Read(engine, source.Numbers(77, end: new InvalidDataException()), null, (_, _) => Task.CompletedTask)));

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public async Task Cancellation(int at) => await Ends(async (engine, source) =>
    {
        using CancellationTokenSource cancellation = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (SampleResult<float> result in engine.PipelineAsync<float[], float>(source.Numbers(int.MaxValue), Lanes, cancellation.Token))
            {
                if (result.Index == at)
                {
                    await cancellation.CancelAsync();
                }
            }
        });
    });

    [Fact]
    public async Task A_break() => await Ends(async (engine, source) =>
    {
        await foreach (SampleResult<float> result in engine.PipelineAsync<float[], float>(source.Numbers(int.MaxValue), Lanes))
        {
            if (result.Index == 40)
            {
                break;
            }
        }
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dispose_of_the_engine(bool isAsync) => await Ends(async (engine, source) =>
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Read(engine, source.Numbers(int.MaxValue), null, async (_, index) =>
        {
            if (index == 40 && isAsync)
            {
                await engine.DisposeAsync();
            }
            else if (index == 40)
            {
                engine.Dispose();
            }
        })));

    [Fact]
    public async Task A_dispose_of_the_engine_while_the_consumer_has_left() => await Ends(async (engine, source) =>
    {
        IAsyncEnumerator<SampleResult<float>> left = engine.PipelineAsync<float[], float>(source.Numbers(int.MaxValue), Lanes).GetAsyncEnumerator();
        Assert.True(await left.MoveNextAsync());
        await engine.DisposeAsync();
    });

    [Fact]
    public async Task A_dispose_of_the_engine_while_its_source_waits() => await Ends(async (engine, source) =>
    {
        Task reading = Assert.ThrowsAsync<ObjectDisposedException>(() => Read(engine, source.Waiting(), null, (_, _) => Task.CompletedTask));
        await source.IsWaiting;
        await engine.DisposeAsync();
        await reading;
    });

    [Fact]
    public async Task Ten_thousand_pictures_come_in_order_and_leave_memory_flat()
    {
        await using Engine engine = Rig.Same([-1, 1, 2, 3], DataType.UInt8, o => o.Preprocess(Pre.Decode).Postprocess(Post.From(output => output.As<byte>()[1] + (256 * output.As<byte>()[4]))), max: 32);
        long early = 0;
        long late = 0;
        int next = 0;
        await foreach (SampleResult<int> result in engine.PipelineAsync<byte[], int>(Enumerable.Range(0, 10_000).Select(Pgm)))
        {
            Assert.Equal(next, result.Index);
            Assert.Equal(next++, result.Value);
            early = next == 1000 ? GC.GetTotalMemory(forceFullCollection: true) : early;
            late = next == 9900 ? GC.GetTotalMemory(forceFullCollection: true) : late;
        }

        Assert.Equal(10_000, next);
        Assert.Equal(10_000, engine.Report.Samples);
        Assert.InRange(late - early, long.MinValue, 100_000); // all pictures together have 17 bytes each in a file, and some hundred as objects

        static byte[] Pgm(int number) => [.. "P5 3 2 255\n"u8, 0, (byte)number, 0, 0, (byte)(number >> 8), 0];
    }

    private static async Task Read(Engine engine, IAsyncEnumerable<float[]> samples, PipelineOptions? options, Func<Engine, long, Task> each)
    {
        await foreach (SampleResult<float> result in engine.PipelineAsync<float[], float>(samples, options ?? Lanes))
        {
            await each(engine, result.Index);
        }
    }

    /// <summary>Runs something with an engine whose processors count, and looks at what is left.</summary>
    private async Task Ends(Func<Engine, Source, Task> use)
    {
        Source source = new();
        await Open(engine => use(engine, source), source);
        Assert.True(SpinWait.SpinUntil(() => StreamThreads() <= threadsBefore, TimeSpan.FromSeconds(20)), "A stream's thread is left.");
        Collect();
        Assert.Empty(leaks);
    }

    /// <summary>In a method of its own, so that nothing of it is alive afterwards.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task Open(Func<Engine, Task> use, Source source)
    {
        await using Engine engine = new(
            network =>
            {
                ITensor x = network.AddInput("x", DataType.Float, [-1, 1]);
                Rig.Mark(network, network.AddElementWise(x, x, ElementWiseOperation.Sum).GetOutput(0), "y");
            },
            o =>
            {
                (o.Library, o.MaxBatch, o.Contexts) = (Rig.Library, 4, 3);
                o.Preprocess(Pre.From<float[], float>((sample, tensor) =>
                {
                    Interlocked.Increment(ref working);
                    try
                    {
                        sample.CopyTo(tensor);
                        Thread.SpinWait(2000); // so that there is mostly a sample in it
                    }
                    finally
                    {
                        Interlocked.Decrement(ref working);
                    }
                }));
                o.Postprocess(Post.From(output =>
                {
                    Interlocked.Increment(ref handled);
                    return output.Floats[0];
                }));
            });
        await use(engine);
        Assert.True(source.HasEnded);
        Assert.Equal(0, Volatile.Read(ref working));
        int then = Volatile.Read(ref handled);
        if (!IsDisposed(engine))
        {
            // All contexts can be had at once, so no lane has one; and the engine works as before.
            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
            InferenceContext[] contexts = [.. Enumerable.Range(0, 3).Select(_ => engine.Runner.Rent(patience.Token))];
            Array.ForEach(contexts, context => context.Dispose());
            Assert.Equal(then, Volatile.Read(ref handled));
            Assert.Equal(6, engine.Infer<float>(new float[] { 3 }));
        }
    }

    private static bool IsDisposed(Engine engine)
    {
        try
        {
            engine.WarmUp(0);
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    /// <summary>The threads of host streams, by their names as Linux has them; elsewhere 0.</summary>
    private static int StreamThreads()
    {
        int count = 0;
        foreach (string task in Directory.Exists("/proc/self/task") ? Directory.GetDirectories("/proc/self/task") : [])
        {
            try
            {
                count += File.ReadAllText(Path.Combine(task, "comm")).StartsWith("host stream", StringComparison.Ordinal) ? 1 : 0;
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return count;
    }

    private sealed class Source
    {
        private readonly TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool HasEnded { get; private set; }

        public Task IsWaiting => waiting.Task;

        /// <summary>Numbers in samples of one; the bad one has two.</summary>
        public async IAsyncEnumerable<float[]> Numbers(int count, int bad = -1, Exception? end = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            try
            {
                for (int i = 0; i < count; i++)
                {
                    if (i % 7 == 0)
                    {
                        await Task.Yield();
                    }

                    cancellationToken.ThrowIfCancellationRequested();
                    yield return i == bad ? [1, 2] : [i];
                }

                if (end is not null)
                {
                    throw end;
                }
            }
            finally
            {
                await Task.Delay(50, CancellationToken.None); // long enough to be seen by who does not wait for it
                HasEnded = true;
            }
        }

        public async IAsyncEnumerable<float[]> Waiting([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            try
            {
                yield return [1];
                waiting.SetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                await Task.Delay(50, CancellationToken.None); // long enough to be seen by who does not wait for it
                HasEnded = true;
            }
        }
    }
}
