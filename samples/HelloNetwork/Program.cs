using System.CommandLine;
using HelloNetwork;
using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;
using LeNet = HelloNetwork.LeNet; // defined here layer by layer; Trt.Utils has one as a model builder

Option<string?> libraryOption = new("--library") { Description = "cpu, or the file or folder of a TensorRT library. Without it: whatever is found, else cpu." };
Option<DirectoryInfo> modelsOption = new("--models") { Description = "Folder with lenet.pth and digits10.", DefaultValueFactory = _ => new DirectoryInfo(Models()) };
Option<bool> verboseOption = new("--verbose") { Description = "Show the library's log." };
RootCommand command = new("Builds LeNet layer by layer with PyTorch's weights, makes an engine and reads ten handwritten digits.") { libraryOption, modelsOption, verboseOption };
command.SetAction(parsed => Run(parsed.GetValue(libraryOption), parsed.GetValue(modelsOption)!.FullName, parsed.GetValue(verboseOption)));
return command.Parse(args).Invoke();

static int Run(string? path, string models, bool verbose)
{
    CpuRuntime.Register();
    TensorRtLibrary library = path switch
    {
        null => TensorRt.Load(),
        "cpu" => TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu }),
        _ => TensorRt.Load(path),
    };
    Console.WriteLine($"Library: {library}");
    ConsoleLogger logger = new(verbose ? Severity.Verbose : Severity.Warning);

    using TorchStateDict weights = TorchStateDict.Open(Path.Combine(models, "lenet.pth"));
    using IBuilder builder = library.CreateInferBuilder(logger);
    using INetworkDefinition network = builder.CreateNetworkV2([]);
    LeNet.Define(network, weights);
    Console.WriteLine($"Network: {network.NbLayers} layers, {network.GetInput(0).Name} {network.GetInput(0).Dimensions} -> {network.GetOutput(0).Name} {network.GetOutput(0).Dimensions}");

    using IBuilderConfig config = builder.CreateBuilderConfig();
    IOptimizationProfile profile = builder.CreateOptimizationProfile();
    profile.SetDimensions(LeNet.InputName, OptProfileSelector.Min, [1, 1, 28, 28]);
    profile.SetDimensions(LeNet.InputName, OptProfileSelector.Opt, [10, 1, 28, 28]);
    profile.SetDimensions(LeNet.InputName, OptProfileSelector.Max, [32, 1, 28, 28]);
    config.AddOptimizationProfile(profile);
    bool gpu = CudaDriver.IsAvailable(out string reason);
    if (library.Flavour == Flavour.TensorRTRtx && !gpu)
    {
        // Without a GPU to ask, the target must be named.
        config.NbComputeCapabilities = 1;
        config.SetComputeCapability(ComputeCapability.SM86, 0);
    }

    using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
    Console.WriteLine($"Plan: {plan.Size:N0} bytes");
    if (library.Flavour != Flavour.Cpu && !gpu)
    {
        Console.WriteLine($"The plan is for a GPU, and there is none here ({reason.TrimEnd('.')}), so it is not run.");
        return 0;
    }

    using IRuntime runtime = library.CreateInferRuntime(logger);
    using ICudaEngine engine = runtime.DeserializeCudaEngine(plan.AsSpan());
    Pgm[] digits = [.. Enumerable.Range(0, 10).Select(digit => Pgm.Load(Path.Combine(models, "digits10", $"{digit}.pgm")))];
    float[] logarithms = Infer(engine, library.Flavour == Flavour.Cpu ? Device.Host : Device.Current, digits);
    int right = 0;
    for (int i = 0; i < digits.Length; i++)
    {
        ReadOnlySpan<float> answer = logarithms.AsSpan(i * 10, 10);
        right += Show(digits[i], answer, i) ? 1 : 0;
    }

    Console.WriteLine($"{right} of {digits.Length} digits recognised.");
    return right == digits.Length ? 0 : 1;
}

static float[] Infer(ICudaEngine engine, Device device, Pgm[] digits)
{
    float[] pixels = [.. digits.SelectMany(digit => digit.Pixels).Select(pixel => pixel / 255f)];
    using IExecutionContext context = engine.CreateExecutionContext();
    using CudaStream stream = new(device);
    using DeviceMemory<float> input = new(pixels.Length, device);
    using DeviceMemory<float> output = new(digits.Length * 10, device);
    context.SetInputShape(LeNet.InputName, [digits.Length, 1, 28, 28]);
    context.SetTensorAddress(LeNet.InputName, input.Pointer);
    context.SetTensorAddress(LeNet.OutputName, output.Pointer);
    input.CopyFrom(pixels);
    context.EnqueueV3(stream);
    stream.Synchronize();
    return output.ToArray();
}

static bool Show(Pgm digit, ReadOnlySpan<float> logarithms, int expected)
{
    int best = 0;
    List<string> bars = [];
    for (int i = 0; i < logarithms.Length; i++)
    {
        best = logarithms[i] > logarithms[best] ? i : best;
        double probability = Math.Exp(logarithms[i]);
        bars.Add($"{i}: {probability,7:0.0000} {new string('*', (int)Math.Round(probability * 20))}");
    }

    string[] picture = [.. digit.Draw()];
    Console.WriteLine();
    for (int row = 0; row < Math.Max(picture.Length, bars.Count + 2); row++)
    {
        string left = row < picture.Length ? picture[row] : new string(' ', digit.Width);
        string text = row < bars.Count ? bars[row] : row == bars.Count + 1 ? $"This is a {best}." : string.Empty;
        Console.WriteLine($"{left} | {text}".TrimEnd());
    }

    return best == expected;
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
