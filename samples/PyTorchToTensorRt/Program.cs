using System.CommandLine;
using PyTorchToTensorRt;
using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

Option<string?> libraryOption = new("--library") { Description = "cpu, or the file or folder of a TensorRT library. Without it: whatever is found, else cpu." };
Option<DirectoryInfo> modelsOption = new("--models") { Description = "Folder with lenet.pth and digits.", DefaultValueFactory = _ => new DirectoryInfo(Models()) };
RootCommand command = new("From a PyTorch checkpoint to ONNX, to engines in 32, 16 and 8 bits, and to inference with either.") { libraryOption, modelsOption };
command.SetAction(parsed => Run(parsed.GetValue(libraryOption), parsed.GetValue(modelsOption)!.FullName));
return command.Parse(args).Invoke();

static int Run(string? path, string models)
{
    CpuRuntime.Register();
    TensorRtLibrary library = path switch
    {
        null => TensorRt.Load(),
        "cpu" => TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu }),
        _ => TensorRt.Load(path),
    };
    string work = Directory.CreateTempSubdirectory("pytorch-to-tensorrt-").FullName;
    try
    {
        Walk(library, models, work);
        return 0;
    }
    finally
    {
        Directory.Delete(work, recursive: true);
    }
}

static void Walk(TensorRtLibrary library, string models, string work)
{
    string digits = Path.Combine(models, "digits");
    string File(string name) => Path.Combine(work, name);

    // Is TensorRT well?
    Console.WriteLine(TensorRtHealth.Check().Summary);

    // The checkpoint, with denormal weights rounded to zero.
    using WeightsMap file = WeightsMap.Open(Path.Combine(models, "lenet.pth"));
    WeightsMap weights = file.RoundDenormals(out IReadOnlyDictionary<string, long> rounded);
    Console.WriteLine($"Weights: {weights}, {rounded.Values.Sum()} denormal values rounded to zero");

    // PyTorch to ONNX, with an extent that stays open.
    OnnxExporter.FromWeights(new LeNet(), weights, File("model.onnx"), new OnnxExportOptions
    {
        InputShapes = [["batch", 1, 28, 28]],
        InputNames = ["input"],
        OutputNames = ["output"],
        OpsetVersion = 17,
    });

    // ONNX, optimised in three ways.
    using (OnnxModel model = OnnxModel.Load(File("model.onnx")))
    {
        OnnxOptimizeReport optimized = model.Optimize();
        model.Save(File("optimized.onnx"));
        Console.WriteLine($"Optimized: {optimized.Before.Total} nodes, then {optimized.After.Total}");
    }

    using (OnnxModel model = OnnxModel.Load(File("model.onnx")))
    {
        OnnxOptimizeReport simplified = model.Simplify(new OnnxSimplifyOptions { Check = new OnnxCheckOptions { DefaultShape = [1, 1, 28, 28] } });
        model.Save(File("simplified.onnx"));
        Console.WriteLine(simplified);
    }

    // ONNX to engines: 32 bits, 16 bits, and 8 bits with a set of items and a function that loads one.
    EngineBuilder builder = new(library, new ConsoleLogger(Severity.Error));
    BuildOptions options = new() { NamedExtents = new Dictionary<string, ExtentRange> { ["batch"] = new(1, 20, 200) } };
    string[] calibrationSet = Directory.GetFiles(digits);
    using Int8Calibration calibration = Int8Calibration.FromItems(calibrationSet, item => CalibrationTensor.From(DigitReader.Load(item), 1, 28, 28), maxItemShape: [1, 28, 28], streamBatchSize: 100, cacheFile: File("model.trt.int8calibration"));
    foreach ((string name, BuildOptions how) in new[]
    {
        ("FP32", options),
        ("FP16", options with { Precision = Precision.FP16 }),
        ("INT8", options with { Precision = Precision.Int8, Calibration = calibration }),
    })
    {
        EngineFile engine;
        try
        {
            engine = builder.BuildToFile(File("simplified.onnx"), File($"{name}.trt"), how);
        }
        catch (TensorRtException exception)
        {
            // TensorRT-RTX 1.6 cannot build convolutions in 8 bits.
            Console.WriteLine($"{name}: not built. {exception.Message.Split('\n')[0]}");
            continue;
        }

        Console.Write($"{name}: {new FileInfo(engine.Path).Length / 1024} KiB");
        if (!Runs(library))
        {
            Console.WriteLine(" for a GPU, and there is none here");
            continue;
        }

        using DigitReader reader = new(planPath: engine.Path, library: library);
        Console.WriteLine($", {reader.Score(digits)}");
    }

    // The same model with ONNX Runtime on the host.
    using DigitReader onHost = new(onnxPath: File("simplified.onnx"));
    Console.WriteLine($"ONNX Runtime: {onHost.Score(digits)}");
}

static bool Runs(TensorRtLibrary library) => library.Flavour == Flavour.Cpu || CudaDriver.IsAvailable(out _);

// The models folder of the repository, from wherever the sample runs.
static string Models()
{
    for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
    {
        if (System.IO.File.Exists(Path.Combine(folder.FullName, "models", "lenet.pth")))
        {
            return Path.Combine(folder.FullName, "models");
        }
    }

    return "models";
}
