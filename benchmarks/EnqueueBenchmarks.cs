using BenchmarkDotNet.Attributes;
using Trt.Cpu;
using Trt.Cpu.OnnxRuntime;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.NvOnnxParser;

namespace Trt.Benchmarks;

/// <summary>A run on the CPU runtime against ONNX Runtime itself, with its I/O binding, on the same file and with the same threads and memory.</summary>
[MemoryDiagnoser]
public class EnqueueBenchmarks
{
    private readonly List<IDisposable> owned = [];
    private IExecutionContext context = null!;
    private CudaStream stream = null!;
    private OrtBinding raw = null!;

    /// <summary>A model of models/, or of TRT_TEST_MODELS.</summary>
    [Params("lenet", "unet", "encoder")]
    public string Model { get; set; } = string.Empty;

    [GlobalSetup]
    public void SetUp()
    {
        (string input, Dims shape, string output, Dims outputShape) = Model switch
        {
            "lenet" => ("data", new Dims([20, 1, 28, 28]), "prob", new Dims([20, 10])),
            "unet" => ("image", [8, 3, 64, 64], "logits", [8, 4, 64, 64]),
            _ => ("tokens", [8, 16], "logits", [8, 16, 32]),
        };
        bool isText = Model == "encoder";
        byte[] model = File.ReadAllBytes(PathOf($"{Model}.onnx"));
        DeviceMemory<byte> inputMemory = Own(new DeviceMemory<byte>(shape.Volume * (isText ? 8 : 4), Device.Host));
        DeviceMemory<byte> outputMemory = Own(new DeviceMemory<byte>(outputShape.Volume * 4, Device.Host));
        Fill(inputMemory, isText);

        OrtSession session = Own(OrtSession.Create(model, new OrtSessionSettings()));
        raw = Own(session.CreateBinding());
        raw.BindInput(0, inputMemory.Pointer, inputMemory.Length, isText ? OrtElementType.Int64 : OrtElementType.Float, shape.ToArray());
        raw.BindOutput(0, outputMemory.Pointer, outputMemory.Length, OrtElementType.Float, outputShape.ToArray());

        ILogger logger = new DelegateLogger((_, _) => { });
        using IBuilder builder = CpuRuntime.Provider.CreateInferBuilder(logger);
        using INetworkDefinition network = builder.CreateNetworkV2([]);
        using IParser parser = CpuRuntime.Provider.CreateParser(network, logger);
        parser.Parse(model, PathOf($"{Model}.onnx"));
        using IBuilderConfig config = builder.CreateBuilderConfig();
        IOptimizationProfile profile = builder.CreateOptimizationProfile();
        foreach (OptProfileSelector point in Enum.GetValues<OptProfileSelector>())
        {
            profile.SetDimensions(input, point, shape);
        }

        config.AddOptimizationProfile(profile);
        using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
        IRuntime runtime = Own(CpuRuntime.Provider.CreateInferRuntime(logger));
        ICudaEngine engine = Own(runtime.DeserializeCudaEngine(plan.AsSpan()));
        context = Own(engine.CreateExecutionContext());
        stream = Own(new CudaStream(Device.Host));
        context.SetInputShape(input, shape);
        context.SetTensorAddress(input, inputMemory.Pointer);
        context.SetTensorAddress(output, outputMemory.Pointer);
    }

    [Benchmark(Baseline = true, Description = "ONNX Runtime, I/O binding")]
    public void Raw() => raw.Run();

    [Benchmark(Description = "EnqueueV3 + synchronize")]
    public void Enqueue()
    {
        context.EnqueueV3(stream);
        stream.Synchronize();
    }

    /// <summary>Both in turns, for machines that are busy with something else: the medians of many short blocks.</summary>
    public static int Compare()
    {
        foreach (string model in (string[])["lenet", "unet", "encoder"])
        {
            EnqueueBenchmarks pair = new() { Model = model };
            pair.SetUp();
            List<double> raw = [];
            List<double> enqueue = [];
            for (int block = 0; block < 40; block++)
            {
                raw.Add(Usual(pair.Raw));
                enqueue.Add(Usual(pair.Enqueue));
            }

            pair.CleanUp();
            raw.Sort();
            enqueue.Sort();
            double first = raw[raw.Count / 2];
            double second = enqueue[enqueue.Count / 2];
            Console.WriteLine($"{model}: ONNX Runtime {first:F1} us, EnqueueV3 + synchronize {second:F1} us, ratio {second / first:F3}, {second - first:F1} us more; fastest {raw[0]:F1} and {enqueue[0]:F1} us");
        }

        return 0;
    }

    /// <summary>Microseconds of the usual one of 25 runs, after five that let the threads wake up.</summary>
    private static double Usual(Action run)
    {
        double[] times = new double[25];
        for (int i = -5; i < times.Length; i++)
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            run();
            double time = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            times[Math.Max(i, 0)] = time;
        }

        Array.Sort(times);
        return times[times.Length / 2];
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

    /// <summary>Numbers in 0..1, or tokens in 0..31.</summary>
    private static void Fill(DeviceMemory<byte> memory, bool isText)
    {
        Random random = new(1);
        byte[] bytes = isText
            ? [.. Enumerable.Range(0, (int)memory.Length / 8).SelectMany(_ => BitConverter.GetBytes((long)random.Next(32)))]
            : [.. Enumerable.Range(0, (int)memory.Length / 4).SelectMany(_ => BitConverter.GetBytes(random.NextSingle()))];
        memory.CopyFrom(bytes);
    }

    internal static string PathOf(string file)
    {
        string own = Path.Combine(typeof(EnqueueBenchmarks).Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), false)
            .Cast<System.Reflection.AssemblyMetadataAttribute>().Single(item => item.Key == "RepoRoot").Value!, "models", file);
        return Path.Exists(own) ? own
            : Environment.GetEnvironmentVariable("TRT_TEST_MODELS") is { Length: > 0 } folder ? Path.Combine(folder, file)
            : throw new FileNotFoundException($"models/{file} is not here; set TRT_TEST_MODELS to a folder that holds {file}.");
    }

    private T Own<T>(T item)
        where T : IDisposable
    {
        owned.Add(item);
        return item;
    }
}
