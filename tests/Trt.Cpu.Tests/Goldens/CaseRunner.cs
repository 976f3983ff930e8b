using System.Text.Json;
using Trt.Interop;

namespace Trt.Cpu.Tests.Goldens;

/// <summary>Makes a case's calls on a library, builds the network, and runs it where there is a runtime; any library's builder will do.</summary>
/// <param name="createBuilder">Makes a builder of the library.</param>
/// <param name="createRuntime">Makes a runtime; null where nothing can be run.</param>
internal sealed class CaseRunner(Func<ILogger, IBuilder> createBuilder, Func<ILogger, IRuntime>? createRuntime)
{
    public CaseResult Run(JsonElement test)
    {
        CaseResult result = new();
        RecordingLogger logger = new();
        try
        {
            Run(test, result, logger);
        }
        catch (NotInThisReleaseException error)
        {
            result.Status = "na";
            result.Failure = error.Message;
        }

        result.Log.AddRange(logger.Lines);
        return result;
    }

    private void Run(JsonElement test, CaseResult result, RecordingLogger logger)
    {
        using IBuilder builder = createBuilder(logger);
        Mask<NetworkDefinitionCreationFlag> flags = test.GetProperty("typed").GetBoolean() ? [NetworkDefinitionCreationFlag.StronglyTyped] : default;
        using INetworkDefinition network = builder.CreateNetworkV2(flags);
        using INetworkDefinition other = builder.CreateNetworkV2(flags);
        using CaseScope scope = new(test, network, other);
        if (!Define(test, result, logger, network, scope))
        {
            return;
        }

        logger.Phase = "report";
        Report(result, network);
        logger.Phase = "config";
        using IBuilderConfig config = builder.CreateBuilderConfig();
        config.SetMemoryPoolLimit(MemoryPoolType.Workspace, 256 << 20);
        config.BuilderOptimizationLevel = 1;
        config.ClearFlag(BuilderFlag.TF32);
        foreach (JsonElement flag in test.GetProperty("flags").EnumerateArray())
        {
            config.SetFlag(CaseValues.Enumerator<BuilderFlag>(flag));
        }

        AddProfiles(test, builder, config);
        logger.Phase = "build";
        IHostMemory plan;
        try
        {
            plan = builder.BuildSerializedNetwork(network, config);
        }
        catch (TensorRtException error)
        {
            result.Status = "refused_build";
            result.Failure = error.Message;
            return;
        }

        using (plan)
        {
            if (createRuntime is not null)
            {
                Execute(test, result, logger, plan);
            }
        }
    }

    private static bool Define(JsonElement test, CaseResult result, RecordingLogger logger, INetworkDefinition network, CaseScope scope)
    {
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
                if (value is ILayer or ITensor or ILoop or IIfConditional)
                {
                    scope.Bind(call[0].GetString()!, value);
                }
                else if (value is not null)
                {
                    result.Returned.Add((number, value));
                }
            }
            catch (Exception error) when (error is TensorRtException or ArgumentException or NotInThisReleaseException { Releases.Count: 0 })
            {
                result.Status = "refused_add";
                result.Failure = error.Message;
                result.IsArgument = error is not TensorRtException;
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
            List<CaseTensor> outputs = [];
            for (int k = 0; k < layer.NbOutputs; k++)
            {
                outputs.Add(Tell(layer.GetOutput(k)));
            }

            result.Layers.Add((layer.Name, layer.Type.ToString(), outputs));
        }

        for (int i = 0; i < network.NbInputs; i++)
        {
            ITensor input = network.GetInput(i);
            result.Inputs.Add((Tell(input), input.IsShapeTensor, input.IsExecutionTensor));
        }

        for (int i = 0; i < network.NbOutputs; i++)
        {
            result.Outputs.Add(Tell(network.GetOutput(i)));
        }

        static CaseTensor Tell(ITensor tensor) => new(tensor.Name, tensor.Dimensions, tensor.Type);
    }

    private static void AddProfiles(JsonElement test, IBuilder builder, IBuilderConfig config)
    {
        Dictionary<string, (bool IsShape, DataType Type)> inputs = test.GetProperty("inputs").EnumerateArray().ToDictionary(
            input => input.GetProperty("name").GetString()!, input => (input.TryGetProperty("shape", out JsonElement shape) && shape.GetBoolean(), CaseValues.Enumerator<DataType>(input.GetProperty("type"))));
        foreach (JsonElement entry in test.GetProperty("profiles").EnumerateArray())
        {
            IOptimizationProfile profile = builder.CreateOptimizationProfile();
            foreach (JsonProperty input in entry.EnumerateObject())
            {
                for (int point = 0; point < 3; point++)
                {
                    long[] values = [.. input.Value[point].EnumerateArray().Select(value => value.GetInt64())];
                    if (!inputs.TryGetValue(input.Name, out (bool IsShape, DataType Type) declared) || !declared.IsShape)
                    {
                        profile.SetDimensions(input.Name, (OptProfileSelector)point, new Dims(values));
                    }
                    else if (declared.Type == DataType.Int64)
                    {
                        profile.SetShapeValuesV2(input.Name, (OptProfileSelector)point, values);
                    }
                    else
                    {
                        profile.SetShapeValues(input.Name, (OptProfileSelector)point, Array.ConvertAll(values, value => (int)value));
                    }
                }
            }

            try
            {
                config.AddOptimizationProfile(profile);
            }
            catch (TensorRtException)
            {
                // As when the goldens were made: the case goes on without the profile.
            }
        }
    }

    private void Execute(JsonElement test, CaseResult result, RecordingLogger logger, IHostMemory plan)
    {
        logger.Phase = "load";
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
                result.Failure = error.Message;
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
        foreach (string name in outputs)
        {
            byte[] bytes = new byte[context.GetTensorShape(name).Volume * CaseValues.Size(engine.GetTensorDataType(name))];
            context.SetTensorAddress(name, memory.Add(bytes));
            results.Add(name, (context.GetTensorShape(name), engine.GetTensorDataType(name), bytes));
        }

        context.EnqueueV3(0);
        Trt.Interop.Cuda.HostDeviceApi.StreamFromHandle(0).Synchronize();
        return results;
    }
}
