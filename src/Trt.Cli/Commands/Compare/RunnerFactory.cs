using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>Opens models on runners.</summary>
/// <param name="session">Hears builds.</param>
/// <param name="library">The value of <c>--library</c>.</param>
/// <param name="build">How engines are built.</param>
/// <param name="load">How plans are loaded.</param>
internal sealed class RunnerFactory(Session session, string? library, BuildOptions build, EngineLoadOptions load)
{
    /// <summary>Whether nobody hears the library and nothing shows progress, because failures are what is looked for.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>The profiles that engines are built with; none where they follow from the samples.</summary>
    public IReadOnlyList<ShapeProfile> Profiles => build.Profiles;

    /// <summary>Ends what runs.</summary>
    public CancellationToken Cancellation => session.Cancellation;

    private ILogger Logger => IsQuiet ? new DelegateLogger((_, _) => { }) : session.Logger;

    /// <summary>Opens a plan.</summary>
    public EngineRunner OpenPlan(string name, ComparedModel model, RunnerChoice choice)
    {
        if (choice.Precision is not null)
        {
            throw new UserError($"--runtimes {choice.Text}: {model.Path} is a plan, whose precision was chosen when it was built. Leave the precision out, or name the model that the plan was built from.");
        }

        TensorRtLibrary loaded = choice.Target.Length == 0 ? Runtimes.For(session, library, model.Path) : choice.Load(session, library);
        NeedsGpu(loaded);
        return new EngineRunner(name, loaded, EngineFile.Load(model.Path, loaded, Logger, load));
    }

    /// <summary>Opens a model.</summary>
    /// <param name="name">What the runner is called.</param>
    /// <param name="model">ONNX, for anything but a plan.</param>
    /// <param name="choice">Which runner; none of saved outputs.</param>
    /// <param name="samples">What it will run on: engines are built for these shapes, and calibrated with these values where they must be and nothing else is given.</param>
    public ComparedRunner Open(string name, ComparedModel model, RunnerChoice choice, IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> samples)
    {
        if (model.Onnx is null)
        {
            return OpenPlan(name, model, choice);
        }

        if (choice.IsOnnx)
        {
            return new OnnxRunner(name, model.Bytes);
        }

        TensorRtLibrary loaded = choice.Load(session, library);
        return OpenEngine(name, model.Bytes, loaded, Options(loaded, model.Onnx, choice, samples));
    }

    /// <summary>Builds an engine of a model in memory.</summary>
    public EngineRunner OpenEngine(string name, byte[] bytes, TensorRtLibrary loaded, BuildOptions options)
    {
        NeedsGpu(loaded);
        using BuiltEngine built = Build(loaded, bytes, options);
        return new EngineRunner(name, loaded, built.Load(load with { AllowHostCode = load.AllowHostCode || options.VersionCompatible, DynamicPlugins = [.. load.DynamicPlugins.Union(options.DynamicPlugins)] }));
    }

    /// <summary>Builds.</summary>
    public BuiltEngine Build(TensorRtLibrary loaded, byte[] bytes, BuildOptions options) =>
        new EngineBuilder(loaded, Logger).Build(ModelSource.FromOnnx(bytes), options, IsQuiet ? null : session.Progress, session.Cancellation);

    /// <summary>Parses alone.</summary>
    /// <exception cref="OnnxParseException">The parser refuses the model.</exception>
    public void Parse(TensorRtLibrary loaded, byte[] bytes)
    {
        // The hook comes behind the parser: what it throws ends the build there.
        Parsed parsed = new();
        try
        {
            Build(loaded, bytes, build with { ReadBack = false, Customize = _ => throw parsed }).Dispose();
        }
        catch (Parsed done) when (ReferenceEquals(done, parsed))
        {
            // As wanted.
        }
    }

    /// <summary>The build options for a library and a model.</summary>
    public BuildOptions Options(TensorRtLibrary loaded, OnnxModel model, RunnerChoice choice, IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> samples)
    {
        BuildOptions options = build with { ReadBack = false, Precision = choice.Precision ?? build.Precision };

        // The CPU runtime takes the flags of weak typing and computes in 32 bits all the same; a strongly typed network it computes as it is written.
        if (loaded.Flavour == Flavour.Cpu && (options.Precision & (Precision.FP16 | Precision.BF16 | Precision.Best)) != 0)
        {
            options = options with { StronglyTyped = options.StronglyTyped ?? true };
        }

        bool quantizes = (options.Precision & (Precision.Int8 | Precision.FP8)) != 0 && !model.Nodes.Any(node => node.OpType is "QuantizeLinear" or "DequantizeLinear");
        if (quantizes && options is { Calibration: null, CalibrationCache: null, ArbitraryInt8Ranges: false } && samples.Count > 0)
        {
            options = options with { Calibration = Int8Calibration.FromBatches(samples.Select(sample => (IReadOnlyDictionary<string, CalibrationTensor>)sample.ToDictionary(tensor => tensor.Key, tensor => Calibrating(tensor.Key, tensor.Value)))) };
        }

        if ((options.Precision & (Precision.Int8 | Precision.FP8 | Precision.Best)) == 0)
        {
            options = options with { Calibration = null, CalibrationCache = null }; // for the other runners
        }

        return options.Profiles.Count == 0 && Profile(model, samples) is { } profile ? options with { Profiles = [profile] } : options;
    }

    /// <summary>A profile that holds all samples; null where the model leaves nothing open.</summary>
    private static ShapeProfile? Profile(OnnxModel model, IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> samples)
    {
        ShapeProfile profile = [];
        foreach (OnnxValueInfo input in model.Inputs.Where(input => !input.IsStatic))
        {
            long[][] shapes = [.. samples.Where(sample => sample.ContainsKey(input.Name)).Select(sample => sample[input.Name].Dims.ToArray())];
            if (shapes.Length > 0 && shapes.All(shape => shape.Length == shapes[0].Length))
            {
                profile[input.Name] = new ShapeRange([.. shapes[0].Select((_, axis) => shapes.Min(shape => shape[axis]))], shapes[0], [.. shapes[0].Select((_, axis) => shapes.Max(shape => shape[axis]))]);
            }
        }

        return profile.Inputs.Count > 0 ? profile : null;
    }

    private static void NeedsGpu(TensorRtLibrary loaded)
    {
        if (loaded.Flavour != Flavour.Cpu && !CudaDriver.IsAvailable(out string reason))
        {
            throw new UserError($"{loaded} runs models on NVIDIA's GPUs only, and none can be used here: {reason.TrimEnd('.')}. The CPU runtime runs without one: cpu.");
        }
    }

    private static CalibrationTensor Calibrating(string name, OnnxTensor tensor) => tensor.ElementType switch
    {
        OnnxElementType.Float => CalibrationTensor.Copy(tensor.AsSpan<float>(), tensor.Dims.AsSpan()),
        OnnxElementType.Half => CalibrationTensor.Copy(tensor.AsSpan<Half>(), tensor.Dims.AsSpan()),
        OnnxElementType.Double => CalibrationTensor.Copy(tensor.AsSpan<double>(), tensor.Dims.AsSpan()),
        OnnxElementType.Int32 => CalibrationTensor.Copy(tensor.AsSpan<int>(), tensor.Dims.AsSpan()),
        OnnxElementType.Int64 => CalibrationTensor.Copy(tensor.AsSpan<long>(), tensor.Dims.AsSpan()),
        OnnxElementType.Int8 => CalibrationTensor.Copy(tensor.AsSpan<sbyte>(), tensor.Dims.AsSpan()),
        OnnxElementType.UInt8 => CalibrationTensor.Copy(tensor.AsSpan<byte>(), tensor.Dims.AsSpan()),
        OnnxElementType.Bool => CalibrationTensor.Copy(tensor.AsSpan<bool>(), tensor.Dims.AsSpan()),
        _ => throw new UserError($"Input \"{name}\" is {tensor.ElementType}, which calibrations do not take. Give a calibration cache with --calib."),
    };

    private sealed class Parsed : Exception;
}
