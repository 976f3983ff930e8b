using System.Diagnostics;
using System.Text.Json;
using Trt.Cpu.Tests;
using Trt.Cpu.Tests.Calibration;
using Trt.GpuTests.Suite;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.NvCaffeParser;
using Trt.Interop.NvOnnxParser;
using Trt.Interop.NvUffParser;
using Trt.Tests.Goldens;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>What a builder does around networks: timing cache, allocator, inspector, INT8 from a cache, the parsers that only TensorRT 8 has.</summary>
internal sealed class BuildingChecks(PartContext run)
{
    private TensorRtLibrary Library => run.Library;

    private bool IsRehearsal => SuiteClass.IsRehearsal(Library);

    private bool IsFull86 => !IsRehearsal && Library.Version.Major == 8;

    public void Run()
    {
        TestTarget.Use(Library, SuiteClass.IsRehearsal(Library));
        TestDevice.Current = IsRehearsal ? Device.Host : run.Device;
        TestDevice.Copies = true;
        That("a timing cache of one build serves the next", TimingCache);
        That("a builder takes its device memory from an allocator in C# and gives all of it back", Allocator);
        That("the inspector tells the engine's tensors and layers as JSON", Inspector);
        That("LeNet in INT8 with the golden's min-max cache is as close as the golden", Int8);
        That("the ONNX parser refuses dynamic axes that 8.6 lacks, in its own words", Encoder);
        That("Caffe: LeNet of prototxt and caffemodel is PyTorch's", Caffe);
        That("UFF: the parser is made and tells its version", Uff);
    }

    private void That(string name, Func<string?> check)
    {
        if (run.Done.Contains(name))
        {
            return;
        }

        run.Checks.That(name, () =>
        {
            try
            {
                return check();
            }
            catch (NotInThisReleaseException missing)
            {
                throw new MissingException(missing.Message);
            }
        });
    }

    private string? TimingCache()
    {
        using TestEngine test = new();
        INetworkDefinition network = Parsed(test);
        byte[] cached = [];
        foreach (string round in (string[])["without a timing cache", "with the timing cache of the first"])
        {
            using IBuilderConfig config = test.Builder.CreateBuilderConfig();
            config.ClearFlag(BuilderFlag.TF32);
            OnnxLeNet.AddProfile(test.Builder, config);
            using ITimingCache cache = config.CreateTimingCache(cached);
            config.SetTimingCache(cache, false);
            long start = Stopwatch.GetTimestamp();
            using IHostMemory plan = test.Builder.BuildSerializedNetwork(network, config);
            run.Checks.Measure($"build {round}", Stopwatch.GetElapsedTime(start).TotalMilliseconds, "ms");
            using IHostMemory bytes = cache.Serialize();
            cached = bytes.AsSpan().ToArray();
            if (cached.Length == 0)
            {
                return "the timing cache has no bytes";
            }

            if (Wrong(test.Load(plan.AsSpan()), "lenet_fp32.npz", 2e-4) is { } wrong)
            {
                return $"{round}: {wrong}";
            }
        }

        using IBuilderConfig other = test.Builder.CreateBuilderConfig();
        using ITimingCache one = other.CreateTimingCache(cached), two = other.CreateTimingCache([]);
        two.Combine(one, false);
        using IHostMemory both = two.Serialize();
        return both.Size == 0 ? "the combined cache has no bytes" : null;
    }

    private string? Allocator()
    {
        CountingAllocator allocator = new(TestDevice.Current);
        using (TestEngine test = new())
        {
            test.Builder.SetGpuAllocator(allocator);
            INetworkDefinition network = Parsed(test);
            byte[] plan = test.Plan(network, config => OnnxLeNet.AddProfile(test.Builder, config));
            if (Wrong(test.Load(plan), "lenet_fp32.npz", 2e-4) is { } wrong)
            {
                return wrong;
            }

            if (!IsRehearsal && allocator.Requests == 0)
            {
                return "the builder asked for no memory";
            }
        }

        run.Checks.Note($"{allocator.Requests} requests, the largest of {allocator.Most} bytes, alignment {allocator.GreatestAlignment}");
        return allocator.Wrong ?? (allocator.Live > 0 ? $"{allocator.Live} of {allocator.Requests} were not given back" : null);
    }

    private string? Inspector()
    {
        using TestEngine test = new();
        byte[] plan = test.Plan(Parsed(test), config =>
        {
            config.ProfilingVerbosity = ProfilingVerbosity.Detailed;
            OnnxLeNet.AddProfile(test.Builder, config);
        });
        ICudaEngine engine = test.Load(plan);
        using IEngineInspector inspector = engine.CreateEngineInspector();

        // 8.6.0 leaves a control character in names of fused layers, which JSON does not allow.
        using JsonDocument told = JsonDocument.Parse(inspector.GetEngineInformation(LayerInformationFormat.JSON).Replace("\u001e", "\\u001e", StringComparison.Ordinal));
        string[] bindings = [.. told.RootElement.GetProperty("Bindings").EnumerateArray().Select(name => name.GetString()!)];
        JsonElement[] layers = [.. told.RootElement.GetProperty("Layers").EnumerateArray()];
        run.Checks.Note($"{layers.Length} layers, bindings {string.Join(", ", bindings)}");
        return !bindings.Contains("data") || !bindings.Contains("prob") ? $"the bindings are {string.Join(", ", bindings)}"
            : layers.Length == 0 ? "there are no layers"
            : layers.Any(layer => !layer.TryGetProperty("Name", out _)) ? "a layer has no name"
            : !inspector.GetLayerInformation(0, LayerInformationFormat.JSON).Contains(layers[0].GetProperty("Name").GetString()!.Split('\u001e')[0], StringComparison.Ordinal) ? "layer 0 alone is told otherwise"
            : null;
    }

    private string? Int8()
    {
        Library.Require(BuilderFlag.Int8);
        using TestEngine test = new();
        using DigitCalibrator calibrator = DigitCalibrator.Of("minmax");
        calibrator.Cache = CalibrationTests.Golden("minmax");
        byte[] plan = test.Plan(Parsed(test), config =>
        {
            OnnxLeNet.AddProfile(test.Builder, config);
            CalibrationTests.Configure(config, calibrator);
        });
        return calibrator.Given > 0 ? "the calibrator was asked for images though it has a cache" : Wrong(test.Load(plan), "lenet_int8_minmax.npz", 0.03);
    }

    private string? Encoder()
    {
        if (!IsFull86)
        {
            throw new MissingException("later parsers take the model; the part parser runs it");
        }

        using TestEngine test = new();
        using IParser parser = Library.CreateParser(test.Network(), test.Log);
        try
        {
            parser.ParseFromFile(run.Files.Find("encoder.onnx"), (int)Severity.Warning);
            return "it was parsed";
        }
        catch (TensorRtException refused)
        {
            return refused.Message.Contains("does not support dynamic axes", StringComparison.Ordinal) || test.Log.Errors.Any(line => line.Contains("does not support dynamic axes", StringComparison.Ordinal)) ? null : refused.Message;
        }
    }

    private string? Caffe()
    {
        OnlyIn8("ICaffeParser");
        using TestEngine test = new();
        INetworkDefinition network = test.Network();

        // Its error recorder must not be touched: those calls end the process.
        using ICaffeParser parser = Library.CreateCaffeParser();
        IBlobNameToTensor blobs = parser.ParseBuffers(CaffeLeNet.Deploy, CaffeLeNet.Model(), network, DataType.Float);
        if (blobs.Find("prob") is not { } prob)
        {
            return "the parser knows no blob named prob";
        }

        network.MarkOutput(prob);
        using IExecutionContext context = test.Load(test.Plan(network)).CreateExecutionContext();
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        float[] digits = golden["data"].ToFloat32(), expected = golden["prob"].ToFloat32();
        for (int digit = 0; digit < 10; digit++)
        {
            using PinnedBuffers memory = new();
            float[] actual = new float[10];
            context.SetTensorAddress("data", memory.Add(digits[(digit * 784)..((digit + 1) * 784)]));
            context.SetTensorAddress("prob", memory.Add(actual));
            context.EnqueueV3(0);
            TestDevice.Synchronize();
            double worst = Enumerable.Range(0, 10).Max(i => Math.Abs(actual[i] - Math.Exp(expected[(digit * 10) + i])));
            if (!(worst <= 1e-5))
            {
                return $"digit {digit}: the largest difference is {worst}";
            }
        }

        return null;
    }

    private string? Uff()
    {
        OnlyIn8("IUffParser");
        using IUffParser parser = Library.CreateUffParser();
        run.Checks.Note($"UFF {parser.UffRequiredVersionMajor}.{parser.UffRequiredVersionMinor}.{parser.UffRequiredVersionPatch}");
        return parser.UffRequiredVersionMajor == 0 ? null : $"it wants version {parser.UffRequiredVersionMajor} of the format, which ended at 0.6";
    }

    private void OnlyIn8(string parser)
    {
        if (!IsFull86)
        {
            throw new MissingException($"only TensorRT 8 has {parser}");
        }

        if (!run.Files.Libraries.Any(library => library.Kind == LibraryKind.CaffeParser))
        {
            throw new MissingException("there is no libnvparsers.so.8 in the folders of --library");
        }
    }

    private INetworkDefinition Parsed(TestEngine test)
    {
        INetworkDefinition network = test.Network();
        using IParser parser = Library.CreateParser(network, test.Log);
        parser.ParseFromFile(ModelFiles.Find("lenet.onnx"), (int)Severity.Warning);
        return network;
    }

    /// <summary>What is wrong with an engine's answers for the first 20 digits and the first one, as a share of the golden's range.</summary>
    private static string? Wrong(ICudaEngine engine, string golden, double tolerance)
    {
        using NpzFile file = NpzFile.Open(GoldenFiles.Path(golden));
        using IExecutionContext context = engine.CreateExecutionContext();
        foreach ((string set, int digits) in (ReadOnlySpan<(string, int)>)[("set0.prob", 20), ("set1.prob", 1)])
        {
            using PinnedBuffers memory = new();
            float[] expected = file[set].ToFloat32(), actual = new float[digits * 10];
            context.SetInputShape("data", [digits, 1, 28, 28]);
            context.SetTensorAddress("data", memory.Add(OnnxLeNet.Images()[..(digits * 784)]));
            context.SetTensorAddress("prob", memory.Add(actual));
            context.EnqueueV3(0);
            TestDevice.Synchronize();
            double worst = expected.Zip(actual, (a, b) => Math.Abs(a - (double)b)).Max();
            if (!(worst <= tolerance * (expected.Max() - expected.Min())))
            {
                return $"{digits} digits: the largest difference is {worst}";
            }
        }

        return null;
    }
}
