using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Cpu;

/// <summary>Exchanges weights of an engine: they become inputs of later runs, and the session stays as it is.</summary>
internal sealed class CpuRefitter : CpuObject, IRefitter
{
    /// <summary>Steps of an INT8 scale to either side.</summary>
    private const float Steps = 127;

    private readonly EngineCore core;
    private readonly Journal journal;
    private readonly SortedDictionary<int, (Weights Weights, TensorLocation Location)> given = [];
    private readonly Dictionary<int, (float Min, float Max)> ranges = [];
    private int maxThreads = 1;
    private bool validates = true;

    private CpuRefitter(EngineCore core, Journal journal)
    {
        this.core = core;
        this.journal = journal;
        core.Hold();
    }

    public IErrorRecorder? ErrorRecorder
    {
        get => Alive(journal).Recorder;
        set => Alive(journal).Recorder = value;
    }

    public ILogger Logger => Alive(journal).Logger;

    public int MaxThreads
    {
        get => Alive(maxThreads);
        set
        {
            ThrowIfDisposed();
            maxThreads = value >= 1 ? value : throw Refuse("setMaxThreads", $"Parameter check failed, condition: maxThreads >= 1. It is {value}.");
        }
    }

    public bool WeightsValidation
    {
        get => Alive(validates);
        set
        {
            ThrowIfDisposed();
            validates = value;
        }
    }

    public static CpuRefitter Create(CpuEngine engine, ILogger logger)
    {
        Journal journal = new(logger);
        return engine.IsRefittable
            ? new CpuRefitter(engine.Core, journal)
            : throw journal.Failure("createInferRefitter", Refusal.Api("The engine cannot be refitted: it was not built with kREFIT, kREFIT_IDENTICAL or kREFIT_INDIVIDUAL."));
    }

    public void SetWeights(string layerName, WeightsRole role, Weights weights)
    {
        ArgumentNullException.ThrowIfNull(layerName);
        ThrowIfDisposed();
        const string method = "setWeights";
        int[] found = Where(entry => entry.Layer == layerName && entry.Role == role);
        if (found.Length == 0)
        {
            bool isKnown = core.Exchangeable.Any(entry => entry.Plan.Layer == layerName);
            throw Refuse(method, isKnown
                ? $"{layerName}: the layer has no weights with the role {PlanWeights.RoleName(role)} that can be refitted."
                : $"No layer named {layerName} has weights that can be refitted.");
        }

        Give(method, found, weights, TensorLocation.Host);
    }

    public void SetNamedWeights(string name, Weights weights) => SetNamedWeights(name, weights, TensorLocation.Host);

    public void SetNamedWeights(string name, Weights weights, TensorLocation location)
    {
        const string method = "setNamedWeights";
        int[] found = Named(name, method) ?? throw Refuse(method, Unknown(name));
        if (location is not (TensorLocation.Host or TensorLocation.Device))
        {
            throw Refuse(method, "Parameter check failed, condition: location is kHOST or kDEVICE.");
        }

        Give(method, found, weights, location);
    }

    public Weights GetNamedWeights(string weightsName) => Find(weightsName, "getNamedWeights")?.Weights ?? default;

    public TensorLocation GetWeightsLocation(string weightsName) => Find(weightsName, "getWeightsLocation")?.Location ?? TensorLocation.Host;

    public void UnsetNamedWeights(string weightsName)
    {
        const string method = "unsetNamedWeights";
        int[] found = Named(weightsName, method) ?? throw Refuse(method, Unknown(weightsName));
        if (found.Count(given.Remove) == 0)
        {
            throw Refuse(method, $"Weights {weightsName} were not set.");
        }
    }

    public Weights GetWeightsPrototype(string weightsName) => Named(weightsName, "getWeightsPrototype") is { } found
        ? new Weights(core.Exchangeable[found[0]].Plan.Type, 0, core.Exchangeable[found[0]].Plan.Count)
        : NoPrototype(weightsName);

    public (string LayerName, WeightsRole Role)[] GetMissing() => Places(Missing());

    public (string LayerName, WeightsRole Role)[] GetAll() => Places(Where(_ => true));

    public string[] GetMissingWeights() => Names(Missing());

    public string[] GetAllWeights() => Names(Where(_ => true));

    public void RefitCudaEngine()
    {
        ThrowIfDisposed();
        CheckNothingIsMissing("refitCudaEngine");
        RefitWork work = new(core, given, copiesNow: true);
        core.Promise(given.Keys);
        work.Run();
    }

    public void RefitCudaEngineAsync(nint stream)
    {
        ThrowIfDisposed();
        const string method = "refitCudaEngineAsync";
        if (!HostDeviceApi.TryGetStream(stream, out HostStream? queue))
        {
            throw Refuse(method, $"0x{stream:x} is no stream of the host stand-in, or was disposed. The CPU runtime needs a CudaStream made with Device.Host, or 0 for the default stream.");
        }

        if (queue.IsCapturing)
        {
            throw Refuse(method, "The stream records a graph; a refit cannot be part of one.");
        }

        CheckNothingIsMissing(method);
        RefitWork work = new(core, given, copiesNow: false);
        core.Promise(given.Keys);
        queue.Enqueue(static state => ((RefitWork)state!).Run(), work);
    }

    public void SetDynamicRange(string tensorName, float min, float max)
    {
        const string method = "setDynamicRange";
        int index = RangeIndex(tensorName, method);
        if (!float.IsFinite(min) || !float.IsFinite(max) || min > max || Math.Max(-min, max) <= 0)
        {
            throw Refuse(method, $"Parameter check failed, condition: min and max are finite, min <= max, and one of them is not 0. They are {min} and {max}.");
        }

        if (index < 0)
        {
            throw Refuse(method, NoRange(tensorName));
        }

        given[index] = (Weights.From<float>([Math.Max(Math.Abs(min), Math.Abs(max)) / Steps]), TensorLocation.Host);
        ranges[index] = (min, max);
    }

    public float GetDynamicRangeMin(string tensorName) => Range(tensorName, "getDynamicRangeMin").Min;

    public float GetDynamicRangeMax(string tensorName) => Range(tensorName, "getDynamicRangeMax").Max;

    public string[] GetTensorsWithDynamicRange() => Alive<string[]>([.. core.Exchangeable.Select(entry => entry.Plan.RangeOf).OfType<string>()]);

    protected override void Release()
    {
        journal.Recorder = null;
        core.LetGo();
    }

    private static string Unknown(string name) => $"No weights named {name} can be refitted.";

    private static string NoRange(string tensorName) => $"The engine has no INT8 tensor {tensorName} with a dynamic range.";

    private int RangeIndex(string tensorName, string method)
    {
        ArgumentNullException.ThrowIfNull(tensorName);
        ThrowIfDisposed();
        int index = Array.FindIndex(core.Exchangeable, entry => entry.Plan.RangeOf == tensorName);
        if (index < 0 && method.StartsWith("get", StringComparison.Ordinal))
        {
            journal.Refused($"IRefitter::{method}", Refusal.Argument(NoRange(tensorName)));
        }

        return index;
    }

    /// <summary>The range that was set, else what the engine's scale covers.</summary>
    private unsafe (float Min, float Max) Range(string tensorName, string method)
    {
        int index = RangeIndex(tensorName, method);
        if (index < 0 || ranges.ContainsKey(index))
        {
            return index < 0 ? (float.NaN, float.NaN) : ranges[index];
        }

        WeightSet now = core.HoldWeights()!;
        float greatest = *(float*)now[index] * Steps;
        now.LetGo();
        return (-greatest, greatest);
    }

    private void Give(string method, int[] indexes, Weights weights, TensorLocation location)
    {
        foreach (int index in indexes)
        {
            PlanWeights entry = core.Exchangeable[index].Plan;
            string? fault = weights.Count != entry.Count ? $"has count {weights.Count} but {entry.Count} was expected"
                : weights.Type != entry.Type ? $"has type {Types.Name(weights.Type)} but {Types.Name(entry.Type)} was expected"
                : weights.Values == 0 ? "has no values"
                : null;
            if (fault is not null)
            {
                throw journal.Failure($"IRefitter::{method}", new Refusal(ErrorCode.InvalidArgument, Refusal.ApiUsage, $"{entry.Layer}: {PlanWeights.RoleName(entry.Role)} weights {Shown(fault)}.")
                {
                    Preface = $"Error Code: 3: {entry.Label()} weights {fault}",
                });
            }
        }

        foreach (int index in indexes)
        {
            given[index] = (weights, location);
        }

        static string Shown(string fault) => fault.Replace("has", "have", StringComparison.Ordinal);
    }

    private void CheckNothingIsMissing(string method)
    {
        int[] missing = Missing();
        if (missing.Length > 0)
        {
            throw Refuse(method, $"Not all weights were given: missing {(missing.Length == 1 ? "is" : "are")} {string.Join(", ", missing.Take(5).Select(index => core.Exchangeable[index].Plan.Label()))}"
                + (missing.Length > 5 ? $" and {missing.Length - 5} more." : "."));
        }
    }

    /// <summary>Weights are never merged, so none are missing but those that a stripped plan was written without.</summary>
    private int[] Missing() => [.. Where(_ => true).Where(index => core.IsMissing(index) && !given.ContainsKey(index))];

    private int[] Where(Func<PlanWeights, bool> condition)
    {
        ThrowIfDisposed();
        return [.. Enumerable.Range(0, core.Exchangeable.Length).Where(index => core.Exchangeable[index].Plan is { RangeOf: null } entry && condition(entry))];
    }

    private int[]? Named(string name, string method)
    {
        ArgumentNullException.ThrowIfNull(name);
        int[] found = Where(entry => entry.Name == name);
        return found.Length > 0 ? found : null;
    }

    private (Weights Weights, TensorLocation Location)? Find(string name, string method)
    {
        if (Named(name, method) is { } found && given.TryGetValue(found[0], out (Weights, TensorLocation) entry))
        {
            return entry;
        }

        journal.Refused($"IRefitter::{method}", Refusal.Argument(Named(name, method) is null ? Unknown(name) : $"Weights {name} were not set."));
        return null;
    }

    private Weights NoPrototype(string name)
    {
        journal.Refused("IRefitter::getWeightsPrototype", Refusal.Argument(Unknown(name)));
        return new Weights(DataType.Float, 0, -1);
    }

    private (string LayerName, WeightsRole Role)[] Places(int[] indexes) => Array.ConvertAll(indexes, index => (core.Exchangeable[index].Plan.Layer, core.Exchangeable[index].Plan.Role));

    private string[] Names(int[] indexes) => [.. indexes.Select(index => core.Exchangeable[index].Plan.Name).OfType<string>().Distinct(StringComparer.Ordinal)];

    private TensorRtException Refuse(string method, string text) => journal.Failure($"IRefitter::{method}", Refusal.Argument(text));

    private T Alive<T>(T value)
    {
        ThrowIfDisposed();
        return value;
    }
}
