using System.Text.Json;
using Trt.Interop;

namespace Trt.Tests.Goldens;

/// <summary>Makes a case's calls on a library, builds the network, and runs it where there is a runtime; any library's builder will do.</summary>
/// <param name="createBuilder">Makes a builder of the library.</param>
/// <param name="createRuntime">Makes a runtime; null where nothing can be run.</param>
internal sealed class CaseRunner(Func<ILogger, IBuilder> createBuilder, Func<ILogger, IRuntime>? createRuntime)
{
    /// <summary>Flags of the network, given whether the case wants a strongly typed one.</summary>
    public Func<bool, Mask<NetworkDefinitionCreationFlag>> NetworkFlags { get; init; } = typed => typed ? [NetworkDefinitionCreationFlag.StronglyTyped] : default;

    /// <summary>The builder's settings that the library needs beyond those of every case.</summary>
    public Action<IBuilderConfig>? Configure { get; init; }

    /// <summary>What the case needs beyond its own profiles, such as a profile where the library wants one.</summary>
    public Action<IBuilder, INetworkDefinition, IBuilderConfig>? Prepare { get; init; }

    /// <summary>Another network to build instead of the one that was defined, with its builder; null to build that.</summary>
    public Func<INetworkDefinition, (IBuilder Builder, INetworkDefinition Network)>? Substitute { get; init; }

    public CaseResult Run(JsonElement test)
    {
        CaseResult result = new();
        CollectingLogger logger = new();
        try
        {
            Run(test, result, logger);
        }
        catch (NotInThisReleaseException error)
        {
            result.Status = "na";
            result.Error = error;
        }
        catch (TensorRtException error) when (error.InnerException is NotInThisReleaseException missing)
        {
            // The CPU runtime behind stubs has a type that the release has no name for.
            result.Status = "na";
            result.Error = missing;
        }

        result.Log.AddRange(logger.Lines);
        return result;
    }

    private void Run(JsonElement test, CaseResult result, CollectingLogger logger)
    {
        logger.Phase = "create";
        using IBuilder builder = createBuilder(logger);
        Mask<NetworkDefinitionCreationFlag> flags = NetworkFlags(test.GetProperty("typed").GetBoolean());
        using INetworkDefinition network = builder.CreateNetworkV2(flags);
        using INetworkDefinition? other = test.GetRawText().Contains("\"other.", StringComparison.Ordinal) ? builder.CreateNetworkV2(flags) : null;
        CaseScope scope = new(test);
        scope.Bind("network", network);
        if (other is not null)
        {
            scope.Bind("other", other);
        }

        bool defined = Define(test, result, logger, network, scope);
        (IBuilder Builder, INetworkDefinition Network) built = defined && Substitute is not null ? Substitute(network) : (builder, network);
        logger.Phase = "report";
        Report(result, built.Network);
        if (defined)
        {
            Build(test, result, logger, built.Builder, built.Network);
        }
    }

    private void Build(JsonElement test, CaseResult result, CollectingLogger logger, IBuilder builder, INetworkDefinition network)
    {
        logger.Phase = "config";
        using IBuilderConfig config = builder.CreateBuilderConfig();
        config.SetMemoryPoolLimit(MemoryPoolType.Workspace, 256 << 20);
        config.BuilderOptimizationLevel = 1;
        config.ClearFlag(BuilderFlag.TF32);
        foreach (JsonElement flag in test.GetProperty("flags").EnumerateArray())
        {
            try
            {
                config.SetFlag(CaseValues.Enumerator<BuilderFlag>(flag));
            }
            catch (NotInThisReleaseException)
            {
                result.FlagsDropped.Add(flag.GetString()!);
            }
        }

        Configure?.Invoke(config);
        CaseProfiles.Add(test, builder, config);
        Prepare?.Invoke(builder, network, config);
        logger.Phase = "build";
        IHostMemory plan;
        try
        {
            plan = builder.BuildSerializedNetwork(network, config);
        }
        catch (TensorRtException error)
        {
            result.Status = "refused_build";
            result.Error = error;
            return;
        }

        using (plan)
        {
            logger.Phase = "load";
            if (createRuntime is not null)
            {
                Execute(test, result, logger, plan);
            }
        }
    }

    private static bool Define(JsonElement test, CaseResult result, CollectingLogger logger, INetworkDefinition network, CaseScope scope)
    {
        logger.Phase = "inputs";
        foreach (JsonElement input in test.GetProperty("inputs").EnumerateArray())
        {
            string name = input.GetProperty("name").GetString()!;
            ITensor tensor = network.AddInput(name, CaseValues.Enumerator<DataType>(input.GetProperty("type")), CaseValues.Shape(input.GetProperty("dims")));
            if (input.TryGetProperty("dimension_names", out JsonElement names))
            {
                int axis = 0;
                foreach (JsonElement dimension in names.EnumerateArray())
                {
                    if (dimension.ValueKind == JsonValueKind.String)
                    {
                        tensor.SetDimensionName(axis, dimension.GetString());
                    }

                    axis++;
                }
            }

            scope.Bind(name, tensor);
        }

        int number = 0;
        foreach (JsonElement call in test.GetProperty("calls").EnumerateArray())
        {
            logger.Phase = $"call {number}";
            string path = call[1].GetString()!;
            int dot = path.LastIndexOf('.');
            try
            {
                object? value = CaseCalls.Make(scope.Find(path[..dot]), path[(dot + 1)..], new CaseArguments([.. call[2].EnumerateArray()], scope));
                if (value is ILayer or ITensor or ILoop or IIfConditional or IAttention)
                {
                    scope.Bind(call[0].GetString()!, value);
                }
                else if (value is not null)
                {
                    result.Returned.Add((number, value));
                }
            }
            catch (Exception error) when (error is TensorRtException or ArgumentException or NotInThisReleaseException)
            {
                result.Status = error is NotInThisReleaseException { Releases.Count: > 0 } ? "na" : "refused_add";
                result.Error = error;
                result.FailedCall = $"{number} {path}";
                result.IsArgument = result.Status != "na" && error is not TensorRtException;
                return false;
            }

            number++;
        }

        logger.Phase = "outputs";
        int output = 0;
        foreach (JsonElement name in test.GetProperty("outputs").EnumerateArray())
        {
            ITensor tensor = scope.Tensor(name.GetString()!);
            tensor.Name = $"y{output++}";
            network.MarkOutput(tensor);
        }

        return true;
    }

    private static void Report(CaseResult result, INetworkDefinition network)
    {
        for (int i = 0; i < network.NbLayers; i++)
        {
            ILayer layer = network.GetLayer(i);
            List<string?> inputs = [.. Enumerable.Range(0, layer.NbInputs).Select(input => layer.GetInput(input)?.Name)];
            result.Layers.Add(new(layer.Name, layer.Type, inputs, [.. Enumerable.Range(0, layer.NbOutputs).Select(output => Tell(layer.GetOutput(output)))]));
        }

        for (int i = 0; i < network.NbInputs; i++)
        {
            result.Inputs.Add(Tell(network.GetInput(i)));
        }

        for (int i = 0; i < network.NbOutputs; i++)
        {
            result.Outputs.Add(Tell(network.GetOutput(i)));
        }

        static CaseTensor Tell(ITensor tensor) => new(tensor.Name, tensor.Dimensions, tensor.Type, tensor.IsShapeTensor, tensor.IsExecutionTensor);
    }

    private void Execute(JsonElement test, CaseResult result, CollectingLogger logger, IHostMemory plan)
    {
        using IRuntime runtime = createRuntime!(logger);
        using ICudaEngine engine = runtime.DeserializeCudaEngine(plan.AsSpan());
        using IExecutionContext context = engine.CreateExecutionContext();
        result.Status = "ok";
        int number = 0;
        foreach (JsonElement run in test.GetProperty("runs").EnumerateArray())
        {
            logger.Phase = $"run {number++}";
            try
            {
                result.Runs.Add(Execute(run, engine, context));
            }
            catch (TensorRtException error)
            {
                result.Status = "run_refused";
                result.Error = error;
            }
        }
    }

    private static Dictionary<string, (Dims Dims, DataType Type, byte[] Bytes)> Execute(JsonElement run, ICudaEngine engine, IExecutionContext context)
    {
        using PinnedBuffers memory = new();
        if (run.TryGetProperty("profile", out JsonElement profile) && profile.ValueKind == JsonValueKind.Number)
        {
            context.SetOptimizationProfileAsync(profile.GetInt32(), 0);
        }

        List<string> outputs = [];
        for (int i = 0; i < engine.NbIOTensors; i++)
        {
            string name = engine.GetIOTensorName(i);
            if (engine.GetTensorIOMode(name) == TensorIOMode.Output)
            {
                outputs.Add(name);
                continue;
            }

            JsonElement input = run.GetProperty(name);
            context.SetTensorAddress(name, memory.Add(CaseValues.Bytes(input, engine.GetTensorDataType(name))));
            context.SetInputShape(name, CaseValues.Shape(input.GetProperty("dims")));
        }

        string[] missing = context.InferShapes();
        if (missing.Length > 0)
        {
            throw new TensorRtException($"Not specified: {string.Join(", ", missing)}");
        }

        Dictionary<string, (Dims, DataType, byte[])> results = [];
        Dictionary<string, CaseOutput> unknown = [];
        foreach (string name in outputs)
        {
            if (!context.GetTensorShape(name).IsStatic)
            {
                unknown.Add(name, new CaseOutput(memory));
                context.SetOutputAllocator(name, unknown[name]);
                continue;
            }

            byte[] bytes = new byte[context.GetTensorShape(name).Volume * CaseValues.Size(engine.GetTensorDataType(name))];
            context.SetTensorAddress(name, memory.Add(bytes));
            results.Add(name, (context.GetTensorShape(name), engine.GetTensorDataType(name), bytes));
        }

        context.EnqueueV3(0);
        TestDevice.Synchronize();
        foreach ((string name, CaseOutput output) in unknown)
        {
            DataType type = engine.GetTensorDataType(name);
            results.Add(name, (output.Shape, type, output.Bytes[..(int)(output.Shape.Volume * CaseValues.Size(type))]));
            context.SetOutputAllocator(name, null);
        }

        return results;
    }
}
