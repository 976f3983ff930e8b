using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.NvOnnxParser;
using Trt.Utils;

namespace Trt.Benchmarks;

/// <summary>A run by <see cref="InferenceRunner"/> against the bare calls with the same copies: one block of memory in, one out.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class RunnerBenchmarks
{
    private readonly List<IDisposable> owned = [];
    private IExecutionContext context = null!;
    private CudaStream stream = null!;
    private InferenceRunner runner = null!;
    private InferenceContext rented = null!;
    private InferenceContext bound = null!;
    private DeviceMemory<float> inputMemory = null!;
    private DeviceMemory<float> outputMemory = null!;
    private float[] input = [];
    private float[] output = [];

    /// <summary>LeNet for so many digits; 0 is a network of one addition, whose run costs next to nothing.</summary>
    [Params(0, 1, 20)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        ILogger logger = new DelegateLogger((_, _) => { });
        IRuntime runtime = Own(CpuRuntime.Provider.CreateInferRuntime(logger));
        ICudaEngine engine = Own(runtime.DeserializeCudaEngine(Plan(logger)));
        Dims shape = Batch == 0 ? [4] : [Batch, 1, 28, 28];
        input = new float[shape.Volume];
        output = new float[Batch == 0 ? 4 : Batch * 10];
        Random random = new(1);
        foreach (ref float value in input.AsSpan())
        {
            value = random.NextSingle();
        }

        inputMemory = Own(new DeviceMemory<float>(input.Length, Device.Host));
        outputMemory = Own(new DeviceMemory<float>(output.Length, Device.Host));
        inputMemory.CopyFrom(input);
        context = Own(engine.CreateExecutionContext());
        stream = Own(new CudaStream(Device.Host));
        context.SetInputShape("data", shape);
        runner = Own(new InferenceRunner(engine, new RunnerOptions { Device = Device.Host }));
        rented = Own(runner.Rent());
        bound = Own(runner.Rent());
        bound["data"].Bind(inputMemory);
        bound["prob"].Bind(outputMemory);
    }

    [BenchmarkCategory("memory of the device")]
    [Benchmark(Baseline = true, Description = "SetTensorAddress, EnqueueV3, Synchronize")]
    public void Bare()
    {
        context.SetTensorAddress("data"u8, inputMemory.Pointer);
        context.SetTensorAddress("prob"u8, outputMemory.Pointer);
        context.EnqueueV3(stream);
        stream.Synchronize();
    }

    [BenchmarkCategory("memory of the device")]
    [Benchmark(Description = "InferenceContext.Run")]
    public void Bound() => bound.Run();

    [BenchmarkCategory("arrays")]
    [Benchmark(Baseline = true, Description = "copy, the same calls, copy")]
    public unsafe void BareWithCopies()
    {
        input.CopyTo(new Span<float>((void*)inputMemory.Pointer, input.Length));
        Bare();
        new Span<float>((void*)outputMemory.Pointer, output.Length).CopyTo(output);
    }

    [BenchmarkCategory("arrays")]
    [Benchmark(Description = "InferenceRunner.Run")]
    public void Runner() => runner.Run<float, float>(input, output);

    [BenchmarkCategory("arrays")]
    [Benchmark(Description = "rented: CopyFrom, Run, CopyTo")]
    public void Rented()
    {
        rented["data"].CopyFrom<float>(input);
        rented.Run();
        rented["prob"].CopyTo<float>(output);
    }

    /// <summary>All of them in turns, for machines that are busy with something else: the medians of many short blocks.</summary>
    public static int Compare()
    {
        foreach (int batch in (int[])[0, 1, 20])
        {
            RunnerBenchmarks set = new() { Batch = batch };
            set.SetUp();
            (string Name, Action Run)[] runs = [("bare calls", set.Bare), ("InferenceContext.Run", set.Bound), ("bare calls and copies", set.BareWithCopies), ("InferenceRunner.Run", set.Runner), ("rented context", set.Rented)];
            List<double>[] times = Array.ConvertAll(runs, _ => new List<double>());
            long[] bytes = new long[runs.Length];
            for (int block = 0; block < 200; block++)
            {
                for (int i = 0; i < runs.Length; i++)
                {
                    times[i].Add(Usual(runs[i].Run, out bytes[i]));
                }
            }

            set.CleanUp();
            double[] medians = Array.ConvertAll(times, list => list.Order().ElementAt(list.Count / 2));
            Console.WriteLine(batch == 0 ? "one addition" : $"LeNet, batch {batch}");
            for (int i = 0; i < runs.Length; i++)
            {
                double bare = medians[i < 2 ? 0 : 2];
                Console.WriteLine($"  {runs[i].Name,-22} {medians[i],8:F2} us, {medians[i] - bare,6:F2} us more, ratio {medians[i] / bare:F3}, fastest {times[i].Min():F2} us, {bytes[i]} B");
            }
        }

        return 0;
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        for (int i = owned.Count - 1; i >= 0; i--)
        {
            owned[i].Dispose();
        }

        owned.Clear();
    }

    /// <summary>Microseconds of the usual one of 25 runs, after five that let the threads wake up; and the bytes that the last one allocated.</summary>
    private static double Usual(Action run, out long bytes)
    {
        double[] times = new double[25];
        bytes = 0;
        for (int i = -5; i < times.Length; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            run();
            double time = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            times[Math.Max(i, 0)] = time;
        }

        Array.Sort(times);
        return times[times.Length / 2];
    }

    private byte[] Plan(ILogger logger)
    {
        using IBuilder builder = CpuRuntime.Provider.CreateInferBuilder(logger);
        using INetworkDefinition network = builder.CreateNetworkV2([]);
        using IBuilderConfig config = builder.CreateBuilderConfig();
        if (Batch == 0)
        {
            ITensor x = network.AddInput("data", DataType.Float, [4]);
            ITensor y = network.AddElementWise(x, x, ElementWiseOperation.Sum).GetOutput(0);
            y.Name = "prob";
            network.MarkOutput(y);
        }
        else
        {
            using IParser parser = CpuRuntime.Provider.CreateParser(network, logger);
            parser.ParseFromFile(EnqueueBenchmarks.PathOf("lenet.onnx"), (int)Severity.Error);
            IOptimizationProfile profile = builder.CreateOptimizationProfile();
            foreach (OptProfileSelector point in Enum.GetValues<OptProfileSelector>())
            {
                profile.SetDimensions("data", point, [Batch, 1, 28, 28]);
            }

            config.AddOptimizationProfile(profile);
        }

        using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
        return plan.AsSpan().ToArray();
    }

    private T Own<T>(T item)
        where T : IDisposable
    {
        owned.Add(item);
        return item;
    }
}
