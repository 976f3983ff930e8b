using System.Text.Json;
using Trt.Interop;

namespace Trt.Tests.Goldens;

/// <summary>Makes a case's network with a library, reads it back and builds it, in the order in which the goldens were made.</summary>
/// <remarks>Calls, outputs, report of every layer and tensor, configuration, build. Not safe for several threads: lines are told apart by phase.</remarks>
public sealed class CaseRunner(TensorRtLibrary library)
{
    private readonly PhaseLogger logger = new();

    /// <summary>The builder's settings that a flavour needs beyond those of every case.</summary>
    public Action<IBuilderConfig>? Configure { get; init; }

    /// <summary>Runs a case up to its plan.</summary>
    /// <param name="one">The case.</param>
    /// <param name="use">Given the plan when there is one, before everything is disposed.</param>
    public CaseOutcome Run(GoldenCase one, Action<IHostMemory>? use = null)
    {
        CaseOutcome outcome = new(one.Id);
        logger.Begin([], "create");
        using IBuilder builder = library.CreateInferBuilder(logger);
        Mask<NetworkDefinitionCreationFlag> flags = library.Flavour == Flavour.TensorRTRtx || one.Typed
            ? [NetworkDefinitionCreationFlag.StronglyTyped]
            : library.Supports(NetworkDefinitionCreationFlag.ExplicitBatch) ? [NetworkDefinitionCreationFlag.ExplicitBatch] : [];
        using INetworkDefinition network = builder.CreateNetworkV2(flags);
        INetworkDefinition? other = null;
        try
        {
            GoldenCalls calls = new(one.Json.GetProperty("weights"));
            calls.Bound["network"] = network;
            if (one.Json.GetRawText().Contains("\"other.", StringComparison.Ordinal))
            {
                calls.Bound["other"] = other = builder.CreateNetworkV2(flags);
            }

            if (Define(one, network, calls, outcome))
            {
                using IBuilderConfig config = builder.CreateBuilderConfig();
                Build(one, builder, network, config, outcome, use);
            }
        }
        finally
        {
            other?.Dispose();
        }

        return outcome;
    }

    private bool Define(GoldenCase one, INetworkDefinition network, GoldenCalls calls, CaseOutcome outcome)
    {
        bool defined = Call(one, network, calls, outcome);
        if (defined)
        {
            logger.Begin(outcome.Log, "outputs");
            int index = 0;
            foreach (string name in one.Outputs)
            {
                ITensor tensor = (ITensor)calls.Find(name)!;
                tensor.Name = $"y{index++}";
                network.MarkOutput(tensor);
            }
        }

        logger.Begin(outcome.Log, "report");
        Report(network, outcome);
        return defined;
    }

    private bool Call(GoldenCase one, INetworkDefinition network, GoldenCalls calls, CaseOutcome outcome)
    {
        logger.Begin(outcome.Log, "inputs");
        foreach (JsonElement input in one.Json.GetProperty("inputs").EnumerateArray())
        {
            string name = input.GetProperty("name").GetString()!;
            calls.Bound[name] = network.AddInput(name, GoldenNames.Parse<DataType>(input.GetProperty("type").GetString()!), GoldenCalls.DimsOf(input.GetProperty("dims")));
        }

        int number = 0;
        foreach (JsonElement call in one.Json.GetProperty("calls").EnumerateArray())
        {
            logger.Begin(outcome.Log, $"call {number}");
            string target = call[1].GetString()!;
            try
            {
                object? result = calls.Make(target, [.. call[2].EnumerateArray()], out bool answers);
                if (call[0].GetString() is { Length: > 0 } bound)
                {
                    calls.Bound[bound] = result;
                }

                if (answers && result is not (ILayer or ITensor or ILoop or IIfConditional or IAttention))
                {
                    outcome.Answers.Add($"{number}: {Text(result)}");
                }
            }
            catch (NotInThisReleaseException exception)
            {
                outcome.Status = "na";
                outcome.Refused = exception.Name;
                return false;
            }
            catch (TensorRtException)
            {
                outcome.Status = "refused_add";
                outcome.Refused = $"{number} {target}";
                return false;
            }

            number++;
        }

        return true;
    }

    private static void Report(INetworkDefinition network, CaseOutcome outcome)
    {
        for (int i = 0; i < network.NbLayers; i++)
        {
            ILayer layer = network.GetLayer(i);
            IEnumerable<string> inputs = Enumerable.Range(0, layer.NbInputs).Select(input => layer.GetInput(input)?.Name ?? "-");
            outcome.Network.Add($"layer {layer.Name} {GoldenNames.Bare(layer.Type.ToString())} ({string.Join(", ", inputs)})");
            for (int output = 0; output < layer.NbOutputs; output++)
            {
                outcome.Network.Add(Describe("  ->", layer.GetOutput(output)));
            }
        }

        for (int i = 0; i < network.NbInputs; i++)
        {
            outcome.Network.Add(Describe("input", network.GetInput(i)));
        }

        for (int i = 0; i < network.NbOutputs; i++)
        {
            outcome.Network.Add(Describe("output", network.GetOutput(i)));
        }
    }

    private static string Describe(string role, ITensor tensor)
    {
        Dims dims = tensor.Dimensions;
        return GoldenOutcome.Tensor(role, tensor.Name, dims.NbDims < 0 ? null : dims.ToString(), GoldenNames.Bare(tensor.Type.ToString()), tensor.IsShapeTensor, tensor.IsExecutionTensor);
    }

    private void Build(GoldenCase one, IBuilder builder, INetworkDefinition network, IBuilderConfig config, CaseOutcome outcome, Action<IHostMemory>? use)
    {
        logger.Begin(outcome.Log, "config");
        config.SetMemoryPoolLimit(MemoryPoolType.Workspace, 256 << 20);
        config.BuilderOptimizationLevel = 1;
        config.ClearFlag(BuilderFlag.TF32);
        foreach (string name in one.Flags)
        {
            BuilderFlag flag = GoldenNames.Parse<BuilderFlag>(name);
            if (library.Supports(flag))
            {
                config.SetFlag(flag);
            }
            else
            {
                outcome.FlagsDropped.Add(name);
            }
        }

        Configure?.Invoke(config);
        foreach (JsonElement json in one.Json.GetProperty("profiles").EnumerateArray())
        {
            AddProfile(one, builder, config, json);
        }

        logger.Begin(outcome.Log, "build");
        try
        {
            using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
            logger.Begin(outcome.Log, "load");
            use?.Invoke(plan);
        }
        catch (TensorRtException)
        {
            outcome.Status = "refused_build";
        }
    }

    private void AddProfile(GoldenCase one, IBuilder builder, IBuilderConfig config, JsonElement json)
    {
        HashSet<string> shapeInputs = [.. one.Json.GetProperty("inputs").EnumerateArray()
            .Where(input => input.TryGetProperty("shape", out JsonElement shape) && shape.GetBoolean())
            .Select(input => input.GetProperty("name").GetString()!)];
        IOptimizationProfile profile = builder.CreateOptimizationProfile();
        foreach (JsonProperty input in json.EnumerateObject())
        {
            bool values = shapeInputs.Contains(input.Name);
            OptProfileSelector[] selectors = [OptProfileSelector.Min, OptProfileSelector.Opt, OptProfileSelector.Max];
            for (int i = 0; i < selectors.Length; i++)
            {
                long[] extents = [.. input.Value[i].EnumerateArray().Select(extent => extent.GetInt64())];
                if (!values)
                {
                    profile.SetDimensions(input.Name, selectors[i], new Dims(extents));
                }
                else if (library.Supports("IOptimizationProfile.setShapeValuesV2"))
                {
                    profile.SetShapeValuesV2(input.Name, selectors[i], extents);
                }
                else
                {
                    profile.SetShapeValues(input.Name, selectors[i], [.. extents.Select(extent => (int)extent)]);
                }
            }
        }

        try
        {
            config.AddOptimizationProfile(profile);
        }
        catch (TensorRtException)
        {
            // The library's words are in the log, and the build without the profile says the rest.
        }
    }

    private static string Text(object? result) => result switch
    {
        bool value => value ? "true" : "false",
        Dims dims => dims.ToString(),
        _ => Convert.ToString(result, System.Globalization.CultureInfo.InvariantCulture)!,
    };

    private sealed class PhaseLogger : ILogger
    {
        private List<string> lines = [];
        private string phase = string.Empty;

        public void Begin(List<string> into, string name)
        {
            lines = into;
            phase = name;
        }

        public void Log(Severity severity, string msg)
        {
            if (severity <= Severity.Warning && !msg.Contains("catchCudaError", StringComparison.Ordinal))
            {
                lines.Add(GoldenOutcome.Line(phase, severity.ToString(), msg));
            }
        }
    }
}
