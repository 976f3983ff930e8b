using System.CommandLine;
using LowLevelApi;
using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.NvCaffeParser;
using Trt.Interop.NvOnnxParser;
using Trt.Utils;

Option<string?> libraryOption = new("--library") { Description = "cpu, or the file or folder of a TensorRT library. Without it: whatever is found, else cpu." };
Option<DirectoryInfo> modelsOption = new("--models") { Description = "Folder with lenet.pth, lenet.onnx and digits.", DefaultValueFactory = _ => new DirectoryInfo(Models()) };
Option<string[]> caffeOption = new("--caffe") { Description = "A prototxt and a caffemodel to import as well (TensorRT 8).", Arity = new ArgumentArity(2, 2), AllowMultipleArgumentsPerToken = true };
RootCommand command = new("TensorRT's C++ API from C#, step by step: parse a model, import a PyTorch network by hand, build, run, quantise.") { libraryOption, modelsOption, caffeOption };
command.SetAction(parsed => Run(parsed.GetValue(libraryOption), parsed.GetValue(modelsOption)!.FullName, parsed.GetValue(caffeOption) ?? []));
return command.Parse(args).Invoke();

static int Run(string? path, string models, string[] caffe)
{
    CpuRuntime.Register();
    TensorRtLibrary library = path switch
    {
        null => TensorRt.Load(),
        "cpu" => TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu }),
        _ => TensorRt.Load(path),
    };
    Console.WriteLine($"Library: {library}");
    ConsoleLogger logger = new(Severity.Error);
    Digits digits = Digits.Load(Path.Combine(models, "digits"));
    using IBuilder builder = library.CreateInferBuilder(logger);

    // 1. A model file and its parser.
    using (INetworkDefinition network = builder.CreateNetworkV2([]))
    using (IParser parser = ModelImport.FromOnnx(library, network, Path.Combine(models, "lenet.onnx"), logger))
    {
        BuildAndRun("Model from ONNX", library, builder, network, digits, logger, _ => { });
    }

    if (caffe is [string prototxt, string caffemodel])
    {
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.ExplicitBatch]);
        using ICaffeParser parser = ModelImport.FromCaffe(library, network, prototxt, caffemodel, PyTorchNet.Output);
        BuildAndRun("Model from Caffe", library, builder, network, digits, logger, _ => { });
    }

    // 2. A PyTorch network, written out layer by layer, with the weights of its checkpoint.
    using TorchStateDict weights = TorchStateDict.Open(Path.Combine(models, "lenet.pth"));
    using (INetworkDefinition network = builder.CreateNetworkV2([]))
    {
        PyTorchNet.Define(network, weights);
        BuildAndRun("Network from PyTorch's weights", library, builder, network, digits, logger, _ => { });
    }

    // 3. The same in INT8, where the release calibrates.
    if (!library.Supports("IBuilderConfig.setInt8Calibrator"))
    {
        Console.WriteLine("INT8: this release has no calibrators; the sample PyTorchToTensorRt quantises on every release.");
        return 0;
    }

    string cache = Path.Combine(Path.GetTempPath(), $"digits-{Environment.ProcessId}.calibration");
    try
    {
        using INetworkDefinition network = builder.CreateNetworkV2([]);
        PyTorchNet.Define(network, weights);
        using DigitCalibrator calibrator = new(digits.Images, 20, cache, DeviceOf(library));
        BuildAndRun("INT8", library, builder, network, digits, logger, config =>
        {
            config.SetFlag(BuilderFlag.Int8);
            config.Int8Calibrator = calibrator;
            config.CalibrationProfile = Profile(builder, 20, 20, 20);
        });
        string[] table = File.ReadAllLines(cache);
        Console.WriteLine($"Calibration table: {table[0]}, {table.Length - 1} tensors");
    }
    finally
    {
        File.Delete(cache);
    }

    return 0;
}

static void BuildAndRun(string what, TensorRtLibrary library, IBuilder builder, INetworkDefinition network, Digits digits, ILogger logger, Action<IBuilderConfig> configure)
{
    using IBuilderConfig config = builder.CreateBuilderConfig();
    config.SetMemoryPoolLimit(MemoryPoolType.Workspace, 64 << 20);
    config.AddOptimizationProfile(Profile(builder, 1, 20, digits.Count));
    if (!Runs(library))
    {
        // Without a GPU to ask, TensorRT-RTX must be told for which one it builds.
        config.NbComputeCapabilities = 1;
        config.SetComputeCapability(ComputeCapability.SM86, 0);
    }

    configure(config);
    using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
    if (!Runs(library))
    {
        Console.WriteLine($"{what}: built; it is for a GPU, and there is none here.");
        return;
    }

    using IRuntime runtime = library.CreateInferRuntime(logger);
    using ICudaEngine engine = runtime.DeserializeCudaEngine(plan.AsSpan());
    float[] logarithms = Executor.Run(engine, DeviceOf(library), digits.Images, digits.Count);
    int right = Enumerable.Range(0, digits.Count).Count(i => digits.Labels[i] == Best(logarithms.AsSpan(i * 10, 10)));
    Console.WriteLine($"{what}: {right} of {digits.Count} digits recognised");
}

static IOptimizationProfile Profile(IBuilder builder, int min, int opt, int max)
{
    IOptimizationProfile profile = builder.CreateOptimizationProfile();
    profile.SetDimensions(PyTorchNet.Input, OptProfileSelector.Min, [min, 1, 28, 28]);
    profile.SetDimensions(PyTorchNet.Input, OptProfileSelector.Opt, [opt, 1, 28, 28]);
    profile.SetDimensions(PyTorchNet.Input, OptProfileSelector.Max, [max, 1, 28, 28]);
    return profile;
}

static bool Runs(TensorRtLibrary library) => library.Flavour == Flavour.Cpu || CudaDriver.IsAvailable(out _);

static Device DeviceOf(TensorRtLibrary library) => library.Flavour == Flavour.Cpu ? Device.Host : Device.Current;

static int Best(ReadOnlySpan<float> values)
{
    int best = 0;
    for (int i = 1; i < values.Length; i++)
    {
        best = values[i] > values[best] ? i : best;
    }

    return best;
}

// The models folder of the repository, from wherever the sample runs.
static string Models()
{
    for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
    {
        if (File.Exists(Path.Combine(folder.FullName, "models", "lenet.pth")))
        {
            return Path.Combine(folder.FullName, "models");
        }
    }

    return "models";
}
