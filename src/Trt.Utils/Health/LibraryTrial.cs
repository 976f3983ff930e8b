using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.NvOnnxParser;

namespace Trt.Utils;

/// <summary>Tries what a library does, with engines of a layer or two.</summary>
/// <param name="library">The library.</param>
/// <param name="gpu">Whether there is a GPU.</param>
/// <param name="items">Gets what was found.</param>
internal sealed class LibraryTrial(TensorRtLibrary library, bool gpu, List<HealthItem> items)
{
    private readonly bool onHost = library.Flavour == Flavour.Cpu;
    private readonly TrialLogger logger = new();

    /// <summary>Whether an engine was built.</summary>
    public bool CanBuild { get; private set; }

    /// <summary>Whether an engine ran and gave the right values.</summary>
    public bool CanRun { get; private set; }

    /// <summary>What the library tells of itself.</summary>
    public void Ask()
    {
        Add("kind", HealthStatus.Good, library.HasBuilder ? $"{library.Flavour}, builds and runs engines" : $"{library.Flavour}, runs version-compatible plans and builds nothing");
        try
        {
            if (library.HasBuilder)
            {
                Add("INT8 calibrators", HealthStatus.Note, library.Supports("IBuilderConfig.setInt8Calibrator") ? "in this release" : "not in this release; Int8Calibration calibrates with the CPU runtime and writes quantize and dequantize layers");
            }
        }
        catch (Exception error)
        {
            Add("INT8 calibrators", HealthStatus.Failed, Words(error));
        }

        AskForPlugins();
    }

    /// <summary>Builds and runs.</summary>
    public void Run()
    {
        if (!library.HasBuilder)
        {
            CanRun = Attempt("runtime", gpu ? HealthStatus.Failed : HealthStatus.Missing, gpu ? null : "Runs on a machine with an NVIDIA GPU and driver.", () =>
            {
                using IRuntime runtime = library.CreateInferRuntime(logger);
                return "can be made; what it runs was built elsewhere";
            });
            return;
        }

        byte[]? plan = null;
        CanBuild = Attempt("build", gpu || !NeedsGpu ? HealthStatus.Failed : HealthStatus.Missing, NeedsGpu && !gpu ? "Builds on a machine with an NVIDIA GPU and driver." : null, () =>
        {
            plan = Build(Relu);
            return $"an engine of {plan.Length} bytes{(library.Flavour == Flavour.TensorRTRtx && !gpu ? ", for a named compute capability" : string.Empty)}";
        });
        Attempt("ONNX parser", HealthStatus.Failed, "Install TensorRT's ONNX parser (libnvonnxparser, or TensorRT-RTX's own) beside the library, or name it with TRT_ONNXPARSER_LIBRARY.", () =>
        {
            Using((builder, network, config) =>
            {
                using IParser parser = library.CreateParser(network, logger);
                parser.Parse(TrialModel.Relu);
            });
            return library.OnnxParserPath is { } path ? $"works, {path}" : "works";
        });
        if (plan is null)
        {
            return;
        }

        if (!onHost && !gpu)
        {
            Attempt("INT8", HealthStatus.Failed, null, () => $"a network that quantizes builds, {Build(Quantized, int8: true).Length} bytes");
            Add("run, refit", HealthStatus.Missing, "engines of this library run and are refitted on a GPU, and there is none", "Works on a machine with an NVIDIA GPU and driver.");
            return;
        }

        CanRun = Attempt("run", HealthStatus.Failed, null, () => Compare("relu", Execute(plan, null), [0, 0, 2.5f, 0]));
        Attempt("INT8", HealthStatus.Failed, null, () => Compare("quantize and dequantize", Execute(Build(Quantized, int8: true), null), [-1, 0, 2.5f, 0]));
        Attempt("refit", HealthStatus.Failed, null, () => Compare("new weights", Execute(Build(Scaled, refit: true), Refit), [-3, 0, 7.5f, -0.375f]));
    }

    private void AskForPlugins()
    {
        bool full = library.Flavour is Flavour.TensorRT or Flavour.Cpu;
        try
        {
            library.InitLibNvInferPlugins(logger);
            IPluginRegistry registry = library.PluginRegistry;
            int creators = library.Supports("IPluginRegistry.getAllCreators") ? registry.GetAllCreators().Length : registry.GetPluginCreatorList().Length;
            Add("plugins", HealthStatus.Good, $"{creators} creators are registered");
        }
        catch (Exception error) when (!full && error is TensorRtNotFoundException or NotSupportedException)
        {
            Add("plugins", HealthStatus.Note, "there are none of TensorRT's own with this library, and hardly any engine needs one");
        }
        catch (Exception error)
        {
            Add("plugins", HealthStatus.Failed, Words(error), "Install TensorRT's plugin library (libnvinfer_plugin) beside it, for models that need one of its plugins.");
        }
    }

    /// <summary>Whether building needs a GPU: not for the CPU runtime, nor where targets can be named.</summary>
    /// <summary>What is built for where there is no GPU.</summary>
    private IReadOnlyList<ComputeCapability> Targets => onHost || gpu || NeedsGpu ? [] : [ComputeCapability.SM86];

    private bool NeedsGpu => !onHost && !library.Supports("IBuilderConfig.setComputeCapability");

    private static void Relu(INetworkDefinition network, ITensor x) => Output(network, network.AddActivation(x, ActivationType.Relu).GetOutput(0));

    /// <summary>Rounds to multiples of a half, which the inputs but for the last are: −0.125 becomes 0 by rounding to even.</summary>
    private void Quantized(INetworkDefinition network, ITensor x)
    {
        ITensor scale = network.AddConstant([], Weights.From(new[] { 0.5f })).GetOutput(0);
        if (library.Supports("IQuantizeLayer.setToType"))
        {
            ITensor rounded = network.AddQuantize(x, scale, DataType.Int8).GetOutput(0);
            Output(network, network.AddDequantize(rounded, scale, DataType.Float).GetOutput(0));
        }
        else
        {
            Output(network, network.AddDequantize(network.AddQuantize(x, scale).GetOutput(0), scale).GetOutput(0));
        }
    }

    private static void Scaled(INetworkDefinition network, ITensor x)
    {
        IConstantLayer factor = network.AddConstant([1, 1, 1, 4], Weights.From(new[] { 2f, 2, 2, 2 }));
        factor.Name = "factor";
        Output(network, network.AddElementWise(x, factor.GetOutput(0), ElementWiseOperation.Prod).GetOutput(0));
    }

    private static void Output(INetworkDefinition network, ITensor y)
    {
        y.Name = "y";
        network.MarkOutput(y);
    }

    private static string Compare(string what, float[] got, float[] expected) => got.AsSpan().SequenceEqual(expected)
        ? $"{what} gave the right values"
        : throw new TensorRtException($"{what} gave {string.Join(" ", got)} where {string.Join(" ", expected)} is right");

    private byte[] Build(Action<INetworkDefinition, ITensor> define, bool int8 = false, bool refit = false)
    {
        byte[]? bytes = null;
        Using((builder, network, config) =>
        {
            define(network, network.AddInput("x", DataType.Float, [1, 1, 1, 4]));
            if (refit)
            {
                config.SetFlag(BuilderFlag.Refit);
            }

            if (int8 && !library.Supports(NetworkDefinitionCreationFlag.StronglyTyped))
            {
                config.SetFlag(BuilderFlag.Int8);
            }

            using TargetTurn turn = TargetTurn.Wait(library, Targets);
            using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
            bytes = plan.AsSpan().ToArray();
        });
        return bytes!;
    }

    private void Using(Action<IBuilder, INetworkDefinition, IBuilderConfig> work)
    {
        using IBuilder builder = library.CreateInferBuilder(logger);
        NetworkDefinitionCreationFlag[] flags = [NetworkDefinitionCreationFlag.ExplicitBatch, NetworkDefinitionCreationFlag.StronglyTyped];
        using INetworkDefinition network = builder.CreateNetworkV2(Mask.Create<NetworkDefinitionCreationFlag>(Array.FindAll(flags, library.Supports)));
        using IBuilderConfig config = builder.CreateBuilderConfig();
        if (Targets is [var target])
        {
            config.NbComputeCapabilities = 1;
            config.SetComputeCapability(target, 0);
        }

        work(builder, network, config);
    }

    private float[] Execute(byte[] plan, Action<ICudaEngine>? change)
    {
        Device device = onHost ? Device.Host : Device.Current;
        using DeviceScope use = device.Use();
        using IRuntime runtime = library.CreateInferRuntime(logger);
        using ICudaEngine engine = runtime.DeserializeCudaEngine(plan);
        change?.Invoke(engine);
        using IExecutionContext context = engine.CreateExecutionContext();
        using CudaStream stream = new(device);
        using DeviceMemory<float> input = new(4, device);
        using DeviceMemory<float> output = new(4, device);
        input.CopyFrom([-1, 0, 2.5f, -0.125f]);
        context.SetTensorAddress("x", input.Pointer);
        context.SetTensorAddress("y", output.Pointer);
        context.EnqueueV3(stream);
        stream.Synchronize();
        return output.ToArray();
    }

    private void Refit(ICudaEngine engine)
    {
        using IRefitter refitter = library.CreateInferRefitter(engine, logger);
        refitter.SetWeights("factor", WeightsRole.Constant, Weights.From(new[] { 3f, 3, 3, 3 }));
        refitter.RefitCudaEngine();
    }

    private void Add(string name, HealthStatus status, string detail, string? remedy = null) => items.Add(new HealthItem(library.ToString(), name, status, detail, remedy));

    /// <summary>Adds what works, or why not.</summary>
    private bool Attempt(string name, HealthStatus otherwise, string? remedy, Func<string> attempt)
    {
        try
        {
            Add(name, HealthStatus.Good, attempt());
            return true;
        }
        catch (Exception error)
        {
            // Whatever it is: a check that ends with an exception tells nothing.
            Add(name, otherwise, Words(error), remedy);
            return false;
        }
    }

    /// <summary>What an exception says; its type too where the message is not meant for a reader.</summary>
    public static string Words(Exception error) =>
        error is TensorRtException or TensorRtNotFoundException or CudaException or NotSupportedException or IOException ? error.Message : $"{error.GetType().Name}: {error.Message}";

    /// <summary>Hears nothing: exceptions hold what was logged.</summary>
    private sealed class TrialLogger : ILogger
    {
        public void Log(Severity severity, string msg)
        {
        }
    }
}
