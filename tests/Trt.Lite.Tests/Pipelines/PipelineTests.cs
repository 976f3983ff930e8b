using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Trt.Utils;

namespace Trt.Lite.Tests.Pipelines;

/// <summary>Streams of samples: order, batches, exceptions, back-pressure, and that nothing is left running.</summary>
public class PipelineTests
{
    [Fact]
    public async Task All_digits_are_recognised_in_order()
    {
        await using Engine engine = Rig.LeNet(o => o.Postprocess("prob", Post.Argmax));
        string[] files = Rig.DigitFiles();
        int next = 0;
        int right = 0;
        await foreach (SampleResult<int> result in engine.PipelineAsync<string, int>(files))
        {
            Assert.Equal(next, result.Index);
            right += Path.GetFileName(files[next++])[0] - '0' == result.Value ? 1 : 0;
        }

        Assert.Equal(200, next);
        Assert.InRange(right, 198, 200); // 99 %
        Assert.Equal(13, engine.Report.Runs); // 200 digits, 16 at once
    }

    [Fact]
    public async Task Samples_that_cannot_be_used_are_named_and_do_not_stop_the_rest()
    {
        await using Engine engine = Rig.LeNet(o => o.Postprocess("prob", Post.Argmax));
        Image[] digits = [.. Rig.DigitFiles().Take(40).Select(Image.Load)];
        object[] samples = [.. digits];
        samples[7] = "no/such.pgm";
        samples[8] = new Image(3, 3, PixelFormat.Grey8, new byte[9]);
        samples[20] = new float[5];
        samples[39] = new float[2, 1, 28, 28];
        using TemporaryFile corrupt = new([.. "P5 28 28 255\n"u8, 1, 2, 3]);
        samples[30] = corrupt.Path;
        List<SampleResult<int>> results = await Collect(engine.PipelineAsync<object, int>(samples));
        int[] alone = engine.Infer<int[]>(digits);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (long)i), results.Select(result => result.Index));
        Assert.Equal([7, 8, 20, 30, 39], results.Where(result => !result.IsSuccess).Select(result => result.Index));
        Assert.All(results.Where(result => result.IsSuccess), result => Assert.Equal(alone[result.Index], result.Value));
        Assert.StartsWith("Sample 7 (no/such.pgm): ", results[7].Error!.Message, StringComparison.Ordinal);
        Assert.StartsWith("Sample 8: Input \"data\" wants pictures of 28x28 pixels", results[8].ToString(), StringComparison.Ordinal);
        Assert.Contains("makes batches itself", Assert.Throws<SampleException>(() => results[39].Value).Message, StringComparison.Ordinal);
        Assert.False(results[20].TryGet(out _));
        Assert.StartsWith($"Sample 30 ({corrupt.Path}): {corrupt.Path}: ", results[30].Error!.Message, StringComparison.Ordinal);
        Assert.IsType<ImageFormatException>(results[30].Error!.InnerException);
        Assert.Equal("0: 0", results[0].ToString());
    }

    [Fact]
    public async Task An_exception_stops_the_rest_where_that_is_asked()
    {
        await using Engine engine = Rig.Doubles([-1, 1], o => o.Postprocess(Post.From(output => output.Floats[0] == 84 ? throw new InvalidOperationException("unlucky") : output.Floats[0])));
        List<float> before = [];
        SampleException error = await Assert.ThrowsAsync<SampleException>(async () =>
        {
            await foreach (SampleResult<float> result in engine.PipelineAsync<float[], float>(Numbers(100), new PipelineOptions { StopOnError = true }))
            {
                before.Add(result.Value);
            }
        });
        Assert.Equal("Sample 42: unlucky", error.Message);
        Assert.Equal(Enumerable.Range(0, 42).Select(i => 2f * i), before);

        List<SampleResult<float>> all = await Collect(engine.PipelineAsync<float[], float>(Numbers(100)));
        Assert.Equal(100, all.Count);
        Assert.Equal("Sample 42: unlucky", Assert.Single(all, result => !result.IsSuccess).Error!.Message);
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, 3)]
    [InlineData(3, 2, 4)]
    [InlineData(8, 5, 100)]
    public async Task Order_is_kept_with_any_number_of_lanes(int lanes, int buffer, int batch)
    {
        await using Engine engine = Rig.Doubles([-1, 1], o => o.Contexts = 3);
        List<SampleResult<float>> results = await Collect(engine.PipelineAsync<float[], float>(Numbers(501), new PipelineOptions { Lanes = lanes, Buffer = buffer, MaxBatch = batch, Parallelism = 2 }));
        Assert.Equal(Enumerable.Range(0, 501).Select(i => 2f * i), results.Select(result => result.Value));
        Assert.Equal((501 + Math.Min(batch, 4) - 1) / Math.Min(batch, 4), engine.Report.Runs);
    }

    [Fact]
    public async Task The_source_is_held_back_when_nobody_reads_results()
    {
        await using Engine engine = Rig.Doubles([-1, 1]);
        int read = 0;
        IAsyncEnumerator<SampleResult<float>> results = engine.PipelineAsync<float[], float>(Numbers(10000).Select(sample =>
        {
            Interlocked.Increment(ref read);
            return sample;
        }), new PipelineOptions { Lanes = 2, Buffer = 1, MaxBatch = 4 }).GetAsyncEnumerator();
        for (int i = 0; i < 50; i++)
        {
            Assert.True(await results.MoveNextAsync());

            // Three batches of four are on their way, one of them being read, and one sample waits for a free one.
            Assert.InRange(Volatile.Read(ref read), i + 1, i + (3 * 4) + 1);
        }

        await results.DisposeAsync();
        Assert.InRange(read, 50, 50 + 13);
    }

    [Fact]
    public async Task A_source_that_makes_wait_gets_its_results_at_once()
    {
        await using Engine engine = Rig.Doubles([-1, 1]);
        Channel<float[]> source = Channel.CreateUnbounded<float[]>();
        await using IAsyncEnumerator<SampleResult<float>> results = engine.PipelineAsync<float[], float>(source.Reader.ReadAllAsync()).GetAsyncEnumerator();
        for (int i = 0; i < 20; i++)
        {
            source.Writer.TryWrite([i]); // a batch would take four
            Assert.True(await results.MoveNextAsync());
            Assert.Equal(2 * i, results.Current.Value);
        }

        source.Writer.Complete();
        Assert.False(await results.MoveNextAsync());
    }

    [Fact]
    public async Task An_exception_of_the_source_comes_behind_the_results()
    {
        await using Engine engine = Rig.Doubles([-1, 1]);
        List<float> before = [];
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (SampleResult<float> result in engine.PipelineAsync<float[], float>(Numbers(30).Concat(Broken())))
            {
                before.Add(result.Value);
            }
        });
        Assert.Equal("the source is broken", error.Message);
        Assert.Equal(30, before.Count);

        static IEnumerable<float[]> Broken()
        {
            foreach (string problem in new[] { "the source is broken" })
            {
                throw new InvalidDataException(problem);
            }

            yield break;
        }
    }

    [Fact]
    public async Task Cancellation_a_break_and_a_dispose_leave_nothing_running()
    {
        await using Engine engine = Rig.Doubles([-1, 1]);
        Source source = new();
        using CancellationTokenSource cancellation = new();
        OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (SampleResult<float> result in engine.PipelineAsync<float[], float>(source.Endless(), cancellationToken: cancellation.Token))
            {
                if (result.Index == 100)
                {
                    await cancellation.CancelAsync();
                }
            }
        });
        Assert.Equal(cancellation.Token, cancelled.CancellationToken);
        Assert.True(source.HasEnded);
        Quiet(engine);

        source = new Source();
        await foreach (SampleResult<float> result in engine.PipelineAsync<float[], float>(source.Endless()))
        {
            if (result.Index == 100)
            {
                break;
            }
        }

        Assert.True(source.HasEnded);
        Quiet(engine);

        source = new Source();
        ObjectDisposedException disposed = await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            await foreach (SampleResult<float> result in engine.PipelineAsync<float[], float>(source.Endless()))
            {
                if (result.Index == 100)
                {
                    engine.Dispose();
                    Assert.True(source.HasEnded); // disposing has waited for it
                }
            }
        });
        Assert.Contains("was disposed while a pipeline was running", disposed.Message, StringComparison.Ordinal);
        Assert.True(source.HasEnded);
        Assert.Throws<ObjectDisposedException>(() => engine.PipelineAsync<float[], float>(Numbers(1)));

        // All contexts can be had at once: nobody holds one.
        static void Quiet(Engine engine)
        {
            using InferenceContext one = engine.Runner.Rent(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
            using InferenceContext two = engine.Runner.Rent(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        }
    }

    [Fact]
    public async Task Several_inputs_and_all_outputs_go_through()
    {
        await using Engine engine = Rig.TwoInputs();
        IEnumerable<(float[], float[])> samples = Enumerable.Range(0, 10).Select(i => (new float[] { i, 0, 0 }, new float[] { 1, 2, 3 }));
        List<SampleResult<Trt.Lite.Outputs>> results = await Collect(engine.PipelineAsync<(float[], float[]), Trt.Lite.Outputs>(samples));
        Assert.All(results, result => Assert.Equal([result.Index + 1, 2, 3], result.Value["sum"].To<float[]>()));
        Assert.Equal(3, engine.Report.Runs);
        Assert.Throws<InvalidOperationException>(() => engine.PipelineAsync<(float[], float[]), float[]>(samples));
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused_at_once()
    {
        using Engine engine = Rig.Doubles([-1, 1]);
        Assert.Contains("PipelineOptions.Lanes is 0, but has to be at least 1", Assert.Throws<ArgumentOutOfRangeException>(() => engine.PipelineAsync<float[], float>(Numbers(1), new PipelineOptions { Lanes = 0 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.PipelineAsync<float[], float>(Numbers(1), new PipelineOptions { Buffer = -1 }));
        Assert.Throws<ArgumentNullException>(() => engine.PipelineAsync<float[], float>((IEnumerable<float[]>)null!));
        Assert.Contains("ask for that, not for String", Assert.Throws<InvalidCastException>(() => engine.PipelineAsync<float[], string>(Numbers(1))).Message, StringComparison.Ordinal);
        using Engine posted = Rig.Doubles([-1, 3], o => o.Postprocess(Post.Argmax));
        Assert.Equal("Output \"y\" was given one sample, and so its result is int; ask for that, not for float.", Assert.Throws<InvalidCastException>(() => posted.PipelineAsync<float[], float>(Numbers(1))).Message);
        Assert.NotNull(posted.PipelineAsync<float[], object>(Numbers(1)));
    }

    [Fact]
    public async Task Many_callers_share_an_engine()
    {
        await using Engine engine = Rig.LeNet(o => o.Postprocess(Post.Argmax));
        Image[] digits = [.. Rig.DigitFiles().Take(64).Select(Image.Load)];
        int[] expected = engine.Infer<int[]>(digits);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            for (int i = caller; i < digits.Length; i += 8)
            {
                Assert.Equal(expected[i], engine.Infer<int>(digits[i]));
                Assert.Equal(expected[i], await engine.InferAsync<int>(digits[i]));
            }

            Assert.Equal(expected, (await Collect(engine.PipelineAsync<Image, int>(digits))).Select(result => result.Value));
        })));
        Assert.Equal(expected, await engine.InferAsync<int[]>(digits));
        Assert.Equal(2, engine.Runner.ContextCount);
    }

    private static IEnumerable<float[]> Numbers(int count) => Enumerable.Range(0, count).Select(i => new float[] { i });

    private static async Task<List<T>> Collect<T>(IAsyncEnumerable<T> source)
    {
        List<T> items = [];
        await foreach (T item in source)
        {
            items.Add(item);
        }

        return items;
    }

    private sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(byte[] content) => File.WriteAllBytes(Path, content);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }

    private sealed class Source
    {
        public bool HasEnded { get; private set; }

        public async IAsyncEnumerable<float[]> Endless([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            try
            {
                for (int i = 0; ; i++)
                {
                    if (i % 7 == 0)
                    {
                        await Task.Yield();
                    }

                    cancellationToken.ThrowIfCancellationRequested();
                    yield return [i];
                }
            }
            finally
            {
                HasEnded = true;
            }
        }
    }
}
