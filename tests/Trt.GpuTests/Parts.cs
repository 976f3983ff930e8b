using Trt.GpuTests.Suite;
using Trt.Interop.Cuda;
using Trt.Interop.Tests.Cuda;

namespace Trt.GpuTests;

/// <summary>The parts of the program, in the order in which they run.</summary>
internal static class Parts
{
    public static IReadOnlyList<Part> All { get; } =
    [
        new("device", "the device API of the driver: memory, streams, events, graphs, errors", Needs.Gpu, run => Device(run.Checks)),
        new("postprocessing", "scores and boxes: each kernel against its twin on the CPU, and its time", Needs.Gpu, PostprocessingPart.Run),
        new("plugin kernels", "the sample's plugins, told to run on a stream, against arithmetic", Needs.Gpu, run => new PluginKernelChecks(run.Checks, run.Device).Run()),
        new("plugins", "plugins written in C#: registered, found, and in networks where the library builds", Needs.Runtime, PluginPart.Run) { EachLibrary = true },
        new("lean8", "plans of 8.6.0 on its own lean runtime, bit for bit", Needs.Gpu | Needs.Plans | Needs.Lean8, run => new Lean8Checks(run.Checks, run.Files, run.Device).Run()),
        new("lean10", "the same plans on TensorRT 10's lean runtime", Needs.Gpu | Needs.Plans | Needs.Lean8 | Needs.Lean10, run => new Lean10Checks(run.Checks, run.Files, run.Device).Run()),
        new("lean11", "what TensorRT 11's lean runtime says of them", Needs.Gpu | Needs.Plans | Needs.Lean11, run => new Lean11Checks(run.Checks, run.Files).Run()),
        new("runner", "InferenceRunner: memory, profiles, graphs, threads, its cost over bare calls", Needs.Gpu | Needs.Plans | Needs.Lean8, run => new RunnerChecks(run.Checks, run.Files, run.Device, run.Output).Run()),
        .. OfSuite,
        new("speed", "enqueue, graph launch, setters and getters in C# against C++ on the same objects", Needs.Gpu | Needs.Plans | Needs.Lean8, run => new SpeedChecks(run.Checks, run.Files, run.Device).Run()),
        new("images", "JPEG files by nvJPEG to tensors by kernels, images a second against torchvision; pixels against Pillow", Needs.Gpu, run => new ImageSpeedChecks(run.Checks, run.Device).Run()) { Seconds = 120 },
        new("image-kernels", "pictures to tensors by kernels against the CPU and Pillow", Needs.Gpu, run => new ImageKernelChecks(run.Checks, run.Files, run.Device).Run()) { Seconds = 40 },
        new("lite", "Lite on the same plans: results, wrong use, throughput and latency against a double-buffered loop in C++", Needs.Gpu | Needs.Plans | Needs.Lean8, run => new LiteChecks(run.Checks, run.Files, run.Device).Run()),
        new("interop", "DLPack with C++, handles of the driver with another process and with PyTorch, shared pools", Needs.None, run => new InteropChecks(run.Checks, run.Files, run.Device).Run()),
        new("devices", "two GPUs in one process", Needs.Gpu | Needs.Plans | Needs.Lean8, run => new DeviceChecks(run.Checks, run.Files).Run()),
        new("runtime", "contexts, profiles, graphs, allocators, callbacks, stream readers, settings: one list of cases for each library", Needs.Runtime, RuntimePart.Run) { EachLibrary = true, Resumes = true },
        new("misuse", "wrong names, shapes, plans, addresses, orders of disposal: an exception, never the end of the process", Needs.Runtime, MisusePart.Run) { EachLibrary = true, Resumes = true },
        new("leaks", "10,000 engines and 10,000 contexts made, run and disposed of: memory of device and process", Needs.Runtime, LeakPart.Run) { Seconds = 260, EachLibrary = true },
        new("threads", "16 threads with an engine each for a minute while garbage is collected: equal bits", Needs.Runtime, ThreadPart.Run) { EachLibrary = true },
        new("messages", "what is said where a library is missing, a driver too old, a GPU hidden, a plan not for this place", Needs.None, MessagePart.Run),
        new("coldstart", "from the start of a process to its first result, against Python", Needs.None, ColdStartPart.Run),
    ];

    /// <summary>Tests of the suite, as they are, on each library that builds.</summary>
    private static IEnumerable<Part> OfSuite =>
    [
        new("skips", "the program's own rule: which tests of the suite count as skipped, and which as failed", Needs.None, SkipRuleChecks.Run),
        Suite("networks", "networks of every layer, against goldens and arithmetic", SuiteClasses.Networks),
        Suite("contexts", "contexts of built engines: shapes, profiles, memory, threads, graphs, wrong use", SuiteClasses.Contexts),
        Suite("builder", "the builder: settings, refusals, progress, timing cache, inspector", SuiteClasses.Builder),
        Suite("parser", "the ONNX parser: whole models against their goldens", SuiteClasses.Parser),
        Suite("calibration", "INT8 calibration of all four kinds, against 8.6.0's caches", SuiteClasses.Calibration),
        Suite("refit", "refitting, against goldens", SuiteClasses.Refit),
        Suite("engines", "EngineBuilder and its options, profiles, progress, files, the engine cache, timing-cache files, plan heads", UtilsClasses.Engines),
        Suite("inference", "InferenceRunner on built engines: values, shapes, graphs, threads, wrong use; measured queries", UtilsClasses.Inference),
        Suite("weights", "networks from PyTorch's weights: LeNet, U-Net, LSTM, encoder, RetinaNet, and each kind of module", UtilsClasses.Weights),
        Suite("quantization", "INT8 from every kind of source, calibrated and by layers, and networks rewritten to 16 bits", UtilsClasses.Quantization),
        Suite("refitting", "refits from checkpoints, ONNX files, networks and other refits; plans without weights", UtilsClasses.Refitting),
        Suite("bindings", "what native code and C# hand each other: callbacks that throw, orders of disposal, identities, names, nulls", BindingClasses.All),
        new("lite-suite", "Lite: openings, every form of input, batches split and joined, pipelines, pre- and post-processing, services, telemetry", Needs.Builder | Needs.Execution, LiteClasses.Run) { EachLibrary = true, Resumes = true, Seconds = 3600 },
        new("layers", "some 480 small networks on NVIDIA's builder, each release against its own answers", Needs.Builder | Needs.Execution, run => new LayerChecks(run).Run()) { EachLibrary = true, Resumes = true, Seconds = 3600, Fits = library => library.Kind != LibraryKind.Rehearsal },
        new("building", "timing cache, allocator, inspector, INT8 from a cache, Caffe and UFF", Needs.Builder | Needs.Execution, run => new BuildingChecks(run).Run()) { EachLibrary = true, Resumes = true, Seconds = 1800 },
        new("rtx", "TensorRT-RTX's builder and parser, which need no GPU, against their goldens", Needs.Builder, RtxChecks.Run) { EachLibrary = true, Resumes = true, Seconds = 600, Fits = library => library.Kind == LibraryKind.Rtx },
    ];

    private static Part Suite(string name, string summary, IReadOnlyList<SuiteClass> classes) =>
        new(name, summary, Needs.Builder | Needs.Execution, run => new SuiteRun(run).Run(classes)) { EachLibrary = true, Resumes = true, Seconds = 3600 };

    private static void Device(Checks checks)
    {
        CudaDeviceApi api = CudaDeviceApi.Instance;
        foreach (ConformanceCase item in DeviceConformance.All)
        {
            if (item.WhyNot(api) is { } reason)
            {
                checks.Skip(item.Name, reason);
                continue;
            }

            checks.That(item.Name, () =>
            {
                item.Body(Interop.Cuda.Device.Of(api)[0]);
                return null;
            });
        }
    }
}
