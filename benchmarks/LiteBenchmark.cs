using System.Diagnostics;
using System.Globalization;
using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Benchmarks;

/// <summary>Trt.Lite against InferenceRunner: what a call costs more, and whether a pipeline keeps up with a loop that is written by hand. Both sides in turns, for machines that are busy with something else.</summary>
internal static class LiteBenchmark
{
    private const int Pictures = 10_000;
    private const int Batch = 32;

    public static async Task<int> Compare()
    {
        Calls("one addition", Addition, [4]);
        Calls("LeNet, batch 1", LeNet(1), [1, 1, 28, 28]);
        Calls("LeNet, batch 20", LeNet(20), [20, 1, 28, 28]);
        await Pipelines().ConfigureAwait(false);
        return 0;
    }

    /// <summary>Spans in and out: the medians of many short blocks.</summary>
    private static void Calls(string name, byte[] plan, Dims shape)
    {
        using ICudaEngine cuda = Load(plan);
        using InferenceRunner runner = new(cuda, new RunnerOptions { Device = Device.Host });
        using Engine engine = new(cuda, o => o.HasBatch = shape.NbDims > 1);
        float[] input = new float[shape.Volume];
        float[] output = new float[shape.NbDims == 1 ? 4 : shape[0] * 10];
        Random random = new(1);
        foreach (ref float value in input.AsSpan())
        {
            value = random.NextSingle();
        }

        Action[] runs = [() => runner.Run<float, float>(input, output), () => engine.Infer<float, float>(input, output)];
        List<double>[] times = [[], []];
        long[] bytes = new long[2];
        for (int block = 0; block < 400; block++)
        {
            for (int turn = 0; turn < runs.Length; turn++)
            {
                int i = turn ^ (block & 1); // each is first as often as the other
                times[i].Add(Usual(runs[i], out bytes[i]));
            }
        }

        double[] medians = Array.ConvertAll(times, list => list.Order().ElementAt(list.Count / 2));
        double difference = times[1].Zip(times[0], (lite, plain) => lite - plain).Order().ElementAt(times[0].Count / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-16} InferenceRunner {medians[0],9:0.00} us, {bytes[0]} B   Lite {medians[1],9:0.00} us, {bytes[1]} B   more, median of pairs {difference:0.00} us"));
    }

    /// <summary>The median of 20 calls, and what the last one allocated.</summary>
    private static double Usual(Action run, out long bytes)
    {
        Span<double> calls = stackalloc double[20];
        bytes = 0;
        foreach (ref double call in calls)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            run();
            call = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        calls.Sort();
        return calls[calls.Length / 2];
    }

    /// <summary>10,000 digits: scaled to numbers, run in batches, and the best class taken; in turns by hand and by a pipeline.</summary>
    private static async Task Pipelines()
    {
        string[] files = [.. Directory.GetFiles(EnqueueBenchmarks.PathOf("digits"), "*.pgm").Order(StringComparer.Ordinal)];
        Image[] digits = Array.ConvertAll(files, Image.Load);
        using ICudaEngine cuda = Load(LeNet(Batch));
        using InferenceRunner runner = new(cuda, new RunnerOptions { Device = Device.Host, MaxContexts = 2 });
        await using Engine engine = new(cuda, o => o.Postprocess(Post.Argmax));
        int[] expected = new int[Pictures];
        int[] found = new int[Pictures];
        List<double> byHand = [];
        List<double> byLite = [];
        List<double> work = [];
        long early = 0;
        long late = 0;
        for (int round = 0; round < 21; round++)
        {
            TimeSpan worked = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            ByHand(runner, digits, expected);
            byHand.Add(Pictures / Stopwatch.GetElapsedTime(start).TotalSeconds);
            TimeSpan workedByHand = Environment.CpuUsage.TotalTime - worked;
            Array.Clear(found);
            worked = Environment.CpuUsage.TotalTime;
            start = Stopwatch.GetTimestamp();
            await foreach (SampleResult<int> result in engine.PipelineAsync<Image, int>(Enumerable.Range(0, Pictures).Select(i => digits[i % digits.Length])).ConfigureAwait(false))
            {
                found[result.Index] = result.Value;
            }

            byLite.Add(Pictures / Stopwatch.GetElapsedTime(start).TotalSeconds);
            work.Add((Environment.CpuUsage.TotalTime - worked) / workedByHand);
            if (!found.AsSpan().SequenceEqual(expected))
            {
                Console.WriteLine("The results differ.");
            }

            early = round == 1 ? GC.GetTotalMemory(forceFullCollection: true) : early;
            late = GC.GetTotalMemory(forceFullCollection: true);
        }

        // The first round warms up.
        double[] ratios = [.. byLite.Zip(byHand, (lite, hand) => lite / hand).Skip(1).Order()];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Pictures} digits, batch {Batch}: by hand {Median(byHand):0} a second, pipeline {Median(byLite):0}; ratio, median of pairs {ratios[ratios.Length / 2]:0.000} ({ratios[0]:0.000} to {ratios[^1]:0.000}), of processor time {Median(work):0.000}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory after two rounds {early / 1024} KiB, after {byLite.Count} {late / 1024} KiB"));
        Console.WriteLine(engine.Report);

        static double Median(List<double> values) => values.Skip(1).Order().ElementAt((values.Count - 1) / 2);
    }

    /// <summary>Two contexts: while one computes, the other's results are read and its next batch is written.</summary>
    private static void ByHand(InferenceRunner runner, Image[] digits, int[] best)
    {
        using InferenceContext one = runner.Rent();
        using InferenceContext two = runner.Rent();
        InferenceContext[] contexts = [one, two];
        int batches = (Pictures + Batch - 1) / Batch;
        for (int batch = 0; batch < batches + 2; batch++)
        {
            InferenceContext context = contexts[batch & 1];
            if (batch >= 2)
            {
                Read(context, batch - 2);
            }

            if (batch < batches)
            {
                int count = Math.Min(Batch, Pictures - (batch * Batch));
                context.Inputs[0].Shape = [count, 1, 28, 28];
                Span<float> input = context.Inputs[0].AsSpan<float>();
                for (int i = 0; i < count; i++)
                {
                    digits[((batch * Batch) + i) % digits.Length].CopyTo(input.Slice(i * 784, 784), PixelScaling.ZeroToOne);
                }

                context.Enqueue();
            }
        }

        void Read(InferenceContext context, int batch)
        {
            context.Synchronize();
            ReadOnlySpan<float> output = context.Outputs[0].AsSpan<float>();
            for (int i = 0; i < output.Length / 10; i++)
            {
                best[(batch * Batch) + i] = Scores.Argmax(output.Slice(i * 10, 10));
            }
        }
    }

    private static byte[] Addition
    {
        get
        {
            using BuiltEngine built = new EngineBuilder(Library).Build(network =>
            {
                ITensor x = network.AddInput("data", DataType.Float, [4]);
                ITensor y = network.AddElementWise(x, x, ElementWiseOperation.Sum).GetOutput(0);
                y.Name = "prob";
                network.MarkOutput(y);
            });
            return built.Plan.AsSpan().ToArray();
        }
    }

    private static TensorRtLibrary Library
    {
        get
        {
            CpuRuntime.Register();
            return TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
        }
    }

    private static byte[] LeNet(int batch)
    {
        using BuiltEngine built = new EngineBuilder(Library).Build(EnqueueBenchmarks.PathOf("lenet.onnx"), new BuildOptions { Batch = new(1, batch, batch) });
        return built.Plan.AsSpan().ToArray();
    }

    private static ICudaEngine Load(byte[] plan)
    {
        using IRuntime runtime = Library.CreateInferRuntime(new ConsoleLogger(Severity.Warning));
        return runtime.DeserializeCudaEngine(plan);
    }
}
