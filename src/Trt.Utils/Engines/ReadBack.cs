using System.Globalization;
using System.Text.Json;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Compares what was asked for with what an engine says of itself.</summary>
internal sealed class ReadBack(BuildWork work, ICudaEngine engine)
{
    private BuildOptions Options => work.Options;

    /// <summary>Why an engine cannot be loaded in this process; null when it can be tried.</summary>
    public static string? WhyNot(BuildWork work)
    {
        BuildOptions options = work.Options;
        if (options.EngineCapability is { } capability && capability != EngineCapability.Standard)
        {
            return $"the engine is for {capability}";
        }

        if (options.RuntimePlatform is { } platform && platform != RuntimePlatform.SameAsBuild)
        {
            return $"the engine is for {platform}";
        }

        if (options.ComputeCapabilities.Count > 0 && !options.ComputeCapabilities.Contains(ComputeCapability.Current)
            && !(CudaDriver.IsAvailable(out _) && options.ComputeCapabilities.Any(target => target.ToString() == $"SM{Device.Current.Properties.ComputeCapability.Major}{Device.Current.Properties.ComputeCapability.Minor}")))
        {
            return "the engine is for other GPUs";
        }

        return work.Library.Flavour == Flavour.Cpu || CudaDriver.IsAvailable(out string reason) ? null : $"there is no GPU here: {reason}";
    }

    /// <summary>Warns of every difference.</summary>
    /// <param name="profiles">The profiles that were asked for.</param>
    public void Compare(IReadOnlyList<ShapeProfile> profiles)
    {
        if (Options.Refit != RefitKind.None && !engine.IsRefittable)
        {
            work.Warn($"Refit = {Options.Refit}: the engine says that its weights cannot be replaced.");
        }

        if (Options.StripPlan && Supports("ICudaEngine.getEngineStat") && engine.GetEngineStat(EngineStat.StrippedWeightsSize) <= 0)
        {
            work.Warn("StripPlan: the plan holds all weights.");
        }

        if (Options.WeightStreaming && Supports("ICudaEngine.getStreamableWeightsSize") && engine.StreamableWeightsSize <= 0)
        {
            work.Warn("WeightStreaming: no weights of the engine can be streamed.");
        }

        Same("HardwareCompatibility", Options.HardwareCompatibility, "ICudaEngine.getHardwareCompatibilityLevel", () => engine.HardwareCompatibilityLevel);
        Same("EngineCapability", Options.EngineCapability, "ICudaEngine.getEngineCapability", () => engine.EngineCapability);
        Same("ProfilingVerbosity", Options.ProfilingVerbosity, "ICudaEngine.getProfilingVerbosity", () => engine.ProfilingVerbosity);
        if (Options.MaxAuxStreams is { } streams && Supports("ICudaEngine.getNbAuxStreams") && engine.NbAuxStreams > streams)
        {
            work.Warn($"MaxAuxStreams = {streams}: the engine uses {engine.NbAuxStreams}.");
        }

        foreach (TacticSource source in Options.TacticSources.Where(entry => !entry.Value).Select(entry => entry.Key))
        {
            if (Supports("ICudaEngine.getTacticSources") && engine.TacticSources.Contains(source))
            {
                work.Warn($"TacticSources: {source} was turned off, but the engine uses it.");
            }
        }

        foreach (string name in Options.DebugTensors.Where(name => Supports("ICudaEngine.isDebugTensor") && !engine.IsDebugTensor(name)))
        {
            work.Warn($"DebugTensors: \"{name}\" cannot be watched in the engine.");
        }

        CompareProfiles(profiles);
        CompareFormats();
        ComparePrecisions();
    }

    /// <summary>Inputs and outputs as the engine tells them.</summary>
    public (IReadOnlyList<TensorReport> Inputs, IReadOnlyList<TensorReport> Outputs) Tensors()
    {
        List<TensorReport> inputs = [], outputs = [];
        for (int i = 0; i < engine.NbIOTensors; i++)
        {
            string name = engine.GetIOTensorName(i);
            TensorReport tensor = new(name, engine.GetTensorDataType(name), engine.GetTensorShape(name).ToArray(), engine.GetTensorFormatDesc(name), engine.IsShapeInferenceIO(name));
            (engine.GetTensorIOMode(name) == TensorIOMode.Input ? inputs : outputs).Add(tensor);
        }

        return (inputs, outputs);
    }

    private bool Supports(string member) => work.Library.Supports(member);

    private void Same<T>(string option, T? asked, string getter, Func<T> get)
        where T : struct, Enum
    {
        if (asked is { } value && Supports(getter) && !EqualityComparer<T>.Default.Equals(get(), value))
        {
            work.Warn($"{option} = {value}: the engine says {get()}.");
        }
    }

    private void CompareProfiles(IReadOnlyList<ShapeProfile> profiles)
    {
        if (engine.NbOptimizationProfiles != profiles.Count)
        {
            work.Warn($"Profiles: {profiles.Count} were asked for, the engine has {engine.NbOptimizationProfiles}.");
            return;
        }

        (IReadOnlyList<TensorReport> inputs, _) = Tensors();
        foreach (TensorReport input in inputs.Where(input => !input.IsShapeTensor))
        {
            for (int i = 0; i < profiles.Count; i++)
            {
                if (profiles[i].TryGet(input.Name, out ShapeRange? asked))
                {
                    ShapeRange is_ = new(Shape(OptProfileSelector.Min), Shape(OptProfileSelector.Opt), Shape(OptProfileSelector.Max));
                    if (!is_.Equals(asked))
                    {
                        work.Warn($"profile {i}, input \"{input.Name}\": {asked} was asked for, the engine has {is_}.");
                    }

                    long[] Shape(OptProfileSelector point) => engine.GetProfileShape(input.Name, i, point).ToArray();
                }
            }
        }
    }

    private void CompareFormats()
    {
        for (int i = 0; i < engine.NbIOTensors; i++)
        {
            string name = engine.GetIOTensorName(i);
            IReadOnlyDictionary<string, IOFormat> formats = engine.GetTensorIOMode(name) == TensorIOMode.Input ? Options.InputFormats : Options.OutputFormats;
            if (!formats.TryGetValue(name, out IOFormat? asked) && !formats.TryGetValue("*", out asked))
            {
                continue;
            }

            if (asked.Type is { } type && engine.GetTensorDataType(name) is var became && became != type)
            {
                work.Warn($"\"{name}\" was to be {type}, the engine has {became}.");
            }

            if (asked.Formats.Count > 0 && engine.GetTensorFormat(name, 0) is var format && !asked.Formats.Contains(format))
            {
                work.Warn($"\"{name}\" was to be {string.Join(" or ", asked.Formats)}, the engine has {format}.");
            }
        }
    }

    /// <summary>Whether any layer computes in the types that were asked for; only a detailed engine tells.</summary>
    private void ComparePrecisions()
    {
        if (Options.ProfilingVerbosity != ProfilingVerbosity.Detailed || Options.Precision is Precision.FP32 or Precision.Best)
        {
            return;
        }

        string told;
        using (IEngineInspector inspector = engine.CreateEngineInspector())
        {
            told = inspector.GetEngineInformation(LayerInformationFormat.JSON);
        }

        HashSet<DataType> types = LayerTypes.Of(told);
        foreach ((Precision precision, DataType type) in (ReadOnlySpan<(Precision, DataType)>)
            [(Precision.FP16, DataType.Half), (Precision.BF16, DataType.BF16), (Precision.Int8, DataType.Int8), (Precision.FP8, DataType.FP8), (Precision.Int4, DataType.Int4), (Precision.FP4, DataType.FP4)])
        {
            if (types.Count > 0 && Options.Precision.HasFlag(precision) && !types.Contains(type))
            {
                work.Warn($"Precision.{precision}: no layer of the engine computes in it; they give {string.Join(", ", types.Order())}.");
            }
        }
    }
}
