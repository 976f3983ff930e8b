using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Trt.Cpu.Onnx;
using Trt.Cpu.OnnxRuntime;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Checks a network, writes it as an ONNX graph, and packs both with weights and profiles into a plan.</summary>
internal sealed class EngineCompiler(CpuNetwork network, CpuBuilderConfig config, string method)
{
    /// <summary>More elements than this no tensor of TensorRT has.</summary>
    private const long MostElements = 1L << 40;

    private static readonly BuilderFlag[] PrecisionFlags = [BuilderFlag.FP16, BuilderFlag.Int8, BuilderFlag.BF16, BuilderFlag.FP8, BuilderFlag.Int4, BuilderFlag.FP4];

    private readonly Journal journal = network.BuilderJournal;

    /// <summary>Holds the memory of numbers that the plan is written from.</summary>
    private Lowering? lowered;

    /// <summary>Builds the plan and hands it to a writer, with weights that still lie where the user keeps them.</summary>
    /// <exception cref="TensorRtException">The network cannot be built; the message is the line that was logged.</exception>
    public T Compile<T>(Func<PlanImage, T> write)
    {
        long start = Stopwatch.GetTimestamp();
        PlanImage plan;
        using (BuildProgress progress = new(config.Settings.ProgressMonitor))
        {
            try
            {
                plan = Compile(progress);
            }
            catch (Refusal refusal)
            {
                throw journal.Failure(method, refusal);
            }
        }

        journal.Info(string.Create(CultureInfo.InvariantCulture, $"Engine generation completed in {Stopwatch.GetElapsedTime(start).TotalSeconds:G6} seconds."));
        T result = write(plan);
        GC.KeepAlive(lowered);
        GC.KeepAlive(network);
        return result;
    }

    private PlanImage Compile(BuildProgress progress)
    {
        progress.Start("Building engine", 5);
        progress.Start("Cloning network graph", 2);
        CheckLayers();
        progress.Step();
        CheckProfiles();
        progress.Finish();
        progress.Step();
        journal.Info(string.Create(CultureInfo.InvariantCulture, $"Detected {network.InputTensors.Count} inputs and {Outputs().Count} output network tensors."));
        journal.Verbose(string.Create(CultureInfo.InvariantCulture, $"Original: {network.LayerList.Count} layers"));
        progress.Start("Preparing graph for optimization", 2);
        List<CpuTensor> shown = [.. network.DebugTensors.Where(tensor => tensor.Producer is not null)];
        ControlFlow flow = new(network, [.. Outputs(), .. shown]);
        shown.RemoveAll(tensor => flow.IsInside(tensor.Producer!));
        journal.Verbose(string.Create(CultureInfo.InvariantCulture, $"After dead-layer removal: {flow.Order.Count} layers"));
        foreach (CpuLayer layer in flow.Order)
        {
            journal.Verbose($"{layer.Type} {layer.Label}: {string.Join(", ", layer.Inputs.Select(Shaped))} -> {string.Join(", ", layer.Outputs.Select(Shaped))}");
        }

        List<CpuLayer> straight = [.. flow.Order.Where(layer => !flow.IsInside(layer))];
        Int8Plan? int8 = Int8Plan.Make(network, config, journal, straight, Outputs(), () => Lower(flow, [], [], null, RefitChoice.None));
        progress.Step();
        Lowering graph = Lower(flow, Outputs(), shown, int8, new RefitChoice(network, config.Settings.Flags));
        lowered = graph;
        progress.Finish();
        progress.Step();
        progress.Start("Building engine from subgraph", 1);
        progress.Start("Optimizing graph", 2);
        ModelProto whole = graph.Finish();
        byte[] model = whole.ToByteArray();
        progress.Step();
        Try(whole, model, graph);
        progress.Finish();
        progress.Finish();
        progress.Step();
        journal.Verbose(string.Create(CultureInfo.InvariantCulture, $"Written as {whole.Graph.Node.Count} ONNX nodes, {model.Length} bytes"));
        PlanDescription description = Describe(flow.Order, graph);
        progress.Step();
        PlanImage plan = PlanWriter.Write(description, model, graph.Blocks, graph.WeightBytes, graph.ExchangeableAddresses());
        progress.Step();
        journal.Info(string.Create(CultureInfo.InvariantCulture, $"Total Weights Memory: {graph.AllWeightBytes} bytes"));
        return plan;

        static string Shaped(CpuTensor? tensor) => tensor is null ? "-" : $"{tensor} {Types.Name(tensor.InferredType)} {(tensor.Facts is { } facts ? Extents.Text(Extents.Visible(facts.Dims)) : "?")}";
    }

    /// <summary>The network as a graph, without what a build adds to it.</summary>
    /// <exception cref="TensorRtException">The network cannot be written; the message is the line that was logged.</exception>
    public Lowering Graph()
    {
        try
        {
            CheckNetwork();
            return Write(new Lowering(new ControlFlow(network, Outputs())) { Config = config, IsLinear = true }, Outputs(), []);
        }
        catch (Refusal refusal)
        {
            throw journal.Failure(method, refusal);
        }
    }

    /// <summary>Checks everything that can be checked without writing the graph.</summary>
    /// <exception cref="TensorRtException">Something is wrong; the message is the line that was logged.</exception>
    public void Check()
    {
        try
        {
            CheckLayers();
            CheckProfiles();
        }
        catch (Refusal refusal)
        {
            throw journal.Failure(method, refusal);
        }
    }

    private void CheckLayers()
    {
        CheckNetwork();
        NarrowTypes.Check(network);
        CheckFormats();
    }

    private static TensorFormat FormatOf(CpuTensor tensor) => VectorFormat.Choose(tensor)?.Format ?? TensorFormat.Linear;

    private static bool IsDynamic(CpuTensor input) => !input.InputDims.IsStatic;

    private void CheckNetwork()
    {
        if (network.OutputTensors.Count == 0)
        {
            throw Refusal.Api("Network must have at least one output.");
        }

        foreach (CpuLayer layer in network.LayerList)
        {
            if (layer.State != LayerState.Shaped)
            {
                if (!network.TryInfer(layer, "ITensor::getDimensions"))
                {
                    throw Named(layer);
                }
            }

            if (layer.Objection is { } objection)
            {
                throw objection;
            }
        }

        foreach (CpuLayer layer in network.LayerList)
        {
            Inference late = new(layer);
            layer.Validate(late);
            layer.LateRules = late.Rules;
            CheckBytes(layer);
            CheckRules(layer);
        }

        new ControlFlow(network, Outputs()).Check();

        if (network.ShapeOutputTensors.FirstOrDefault(tensor => !Types.IsInteger(tensor.InferredType)) is { } wrong)
        {
            throw Refusal.Api($"Output shape tensor {wrong} has type {Types.Name(wrong.InferredType)}, but must have Int32 or Int64.");
        }

        foreach (CpuTensor tensor in network.InputTensors.Concat(network.OutputTensors))
        {
            if (tensor.Name.Length == 0)
            {
                throw Refusal.Api("A network input or output has an empty name; name it.");
            }
        }

        if (config.LayerOfDla(network.LayerList) is { } onDla && !config.Settings.Flags.Contains(BuilderFlag.GPUFallback))
        {
            throw Refusal.Api($"{onDla.Label} is to run on a DLA, which the CPU runtime does not have; set kGPU_FALLBACK or the device type kGPU.");
        }

        if (network.IsStronglyTyped)
        {
            foreach (BuilderFlag flag in PrecisionFlags.Where(config.Settings.Flags.Contains))
            {
                throw Refusal.Argument($"Parameter check failed, condition: !config.getFlag(BuilderFlag::k{flag.ToString().ToUpperInvariant()}). The types of a strongly typed network follow from its inputs; clear the flag.");
            }
        }

        if (config.Settings.EngineCapability != EngineCapability.Standard)
        {
            throw config.Settings.EngineCapability == EngineCapability.Safety
                ? new Refusal(ErrorCode.UnsupportedState, Refusal.InternalError, "There is no safety runtime on a CPU; build with the engine capability kSTANDARD.")
                : new Refusal(ErrorCode.UnspecifiedError, Refusal.InternalError, "There is no DLA, for which kDLA_STANDALONE builds; use the engine capability kSTANDARD.");
        }

        if (config.UsesPluginLibraries)
        {
            throw Refusal.Api("Plugin libraries cannot be put into plans of the CPU runtime; clear them with setPluginsToSerialize.");
        }

        // What shape inference says of itself need not name the layer; the build does.
        static Refusal Named(CpuLayer layer)
        {
            Refusal failure = layer.Failure!;
            string text = failure.Message.Contains(layer.Label, StringComparison.Ordinal) || failure.Message.StartsWith("(Unnamed", StringComparison.Ordinal)
                ? failure.Message
                : $"{layer.Label}: {failure.Message}";
            return new Refusal(failure.Code, failure.Category, text, failure.InnerException) { Preface = failure.Preface };
        }
    }

    /// <summary>Tensors of bytes come in and go out, and are converted in between.</summary>
    private void CheckBytes(CpuLayer layer)
    {
        foreach (CpuTensor tensor in layer.Outputs.Where(tensor => tensor.InferredType == DataType.UInt8))
        {
            if (network.IsOutput(tensor))
            {
                if (layer.Type is not (LayerType.Identity or LayerType.Cast or LayerType.Squeeze or LayerType.Unsqueeze))
                {
                    throw Refusal.Api($"Output tensor {tensor} of the network has type UInt8, but is not made by an identity, cast, squeeze or unsqueeze layer.");
                }
            }
            else if (layer.Type is not (LayerType.Constant or LayerType.Dequantize))
            {
                throw Refusal.Api($"Tensor {tensor} has type UInt8, but is neither an input nor an output of the network, nor made by a constant or dequantize layer.");
            }
        }
    }

    /// <summary>What is wrong whatever the inputs are, though the outputs have shapes.</summary>
    private static void CheckRules(CpuLayer layer)
    {
        foreach (ShapeRule rule in layer.AllRules.Where(rule => rule.Left.IsConstant && rule.Right.IsConstant))
        {
            try
            {
                rule.Check(NoInputs.Instance);
            }
            catch (Refusal refusal)
            {
                throw Refusal.Api(refusal.Message);
            }
        }
    }

    private void CheckFormats()
    {
        foreach (CpuTensor tensor in network.InputTensors.Concat(Outputs()))
        {
            if (VectorFormat.Choose(tensor) is not null && tensor.Producer is not null && tensor.Facts!.Dims.Any(dim => dim.HasUnknown))
            {
                throw Refusal.Api($"Output {tensor} allows only formats {tensor.Formats}, but its shape is known after the run only, where it can only be linear.");
            }
        }
    }

    private void CheckProfiles()
    {
        bool[] shapeInputs = ShapeInputs();
        for (int i = 0; i < shapeInputs.Length; i++)
        {
            if ((shapeInputs[i] || IsDynamic(network.InputTensors[i])) && config.Profiles.Count == 0)
            {
                throw Refusal.Api("Network has dynamic or shape inputs, but no optimization profile has been defined.");
            }

            if (network.InputTensors[i].Consumers.Count == 0)
            {
                journal.Warning($"Unused Input: {network.InputTensors[i]}");
            }
        }

        for (int number = 0; number < config.Profiles.Count; number++)
        {
            if (!config.Profiles[number].IsValid)
            {
                throw Refusal.Api($"Optimization profile {number} is invalid: it was changed after it was added.");
            }

            for (int i = 0; i < shapeInputs.Length; i++)
            {
                CheckInput(network.InputTensors[i], config.Profiles[number], number, shapeInputs[i]);
            }

            journal.Verbose(string.Create(CultureInfo.InvariantCulture, $"Checking optimization profile number {number} [{number + 1}/{config.Profiles.Count}]."));
            foreach (OptProfileSelector point in (ReadOnlySpan<OptProfileSelector>)[OptProfileSelector.Opt, OptProfileSelector.Max, OptProfileSelector.Min])
            {
                TryPoint(config.Profiles[number], number, point);
            }
        }
    }

    private void CheckInput(CpuTensor input, CpuOptimizationProfile profile, int number, bool isShapeInput)
    {
        for (OptProfileSelector point = OptProfileSelector.Min; point <= OptProfileSelector.Max; point++)
        {
            Dims dims = profile.GetDimensions(input.Name, point);
            if (dims.NbDims < 0)
            {
                if (IsDynamic(input))
                {
                    throw Refusal.Api($"Dynamic-shaped input tensor {input} has no dimensions in profile {number}.");
                }
            }
            else if (dims.NbDims != input.InputDims.NbDims)
            {
                throw Refusal.Api($"Dynamic-shaped input tensor {input} has {input.InputDims.NbDims} dimensions but profile {number} has {dims.NbDims} dimensions.");
            }
            else
            {
                for (int axis = 0; axis < dims.NbDims; axis++)
                {
                    if (input.InputDims[axis] >= 0 && input.InputDims[axis] != dims[axis])
                    {
                        throw Refusal.Api($"Input tensor {input} has the static dimension {input.InputDims[axis]} on axis {axis} but profile {number} says {dims[axis]}.");
                    }
                }
            }

            long[]? values = profile.GetShapeValuesV2(input.Name, point);
            if (isShapeInput && values is null)
            {
                throw Refusal.Api($"Shape input tensor {input} has no shape values in profile {number}.");
            }

            if (!isShapeInput && values is not null && point == OptProfileSelector.Min)
            {
                journal.Warning($"{input}: shape values set for non-shape input in profile {number}.");
            }

            if (isShapeInput && values!.Length != input.InputDims.Volume)
            {
                throw Refusal.Api($"Shape input tensor {input} has {input.InputDims.Volume} elements but profile {number} has {values.Length} values.");
            }
        }
    }

    /// <summary>Whether the shapes of all layers work out at a point of a profile: an error at the usual one, a warning at the others.</summary>
    private void TryPoint(CpuOptimizationProfile profile, int number, OptProfileSelector point)
    {
        ProfilePoint source = new(network.InputTensors, profile, point);
        try
        {
            // Ranges of dimensions with one name need only meet; an engine takes the extents that all of them allow.
            IEnumerable<ShapeRule> named = point == OptProfileSelector.Opt ? network.NamedDimensionRules().Where(rule => !rule.Left.IsConstant && !rule.Right.IsConstant) : [];
            foreach (ShapeRule rule in named.Concat(network.LayerList.SelectMany(layer => layer.AllRules)))
            {
                rule.Check(source);
            }

            foreach (CpuTensor tensor in network.InputTensors.Concat(network.LayerList.SelectMany(layer => layer.Outputs)))
            {
                Int128 volume = 1;
                foreach (DimExpr dim in tensor.Facts!.Dims)
                {
                    volume *= dim.HasUnknown ? 1 : Int128.Clamp(dim.Evaluate(source), 0, MostElements + 1);
                    if (volume > MostElements)
                    {
                        throw Refusal.Shape($"{tensor}: tensor volume exceeds {MostElements}");
                    }


                    if (!dim.HasUnknown && dim.Evaluate(source) < 0)
                    {
                        throw Refusal.Shape($"tensor {tensor} would have a negative extent");
                    }
                }
            }
        }
        catch (Exception error) when (error is Refusal or OverflowException or DivideByZeroException)
        {
            string name = $"k{point.ToString().ToUpperInvariant()}";
            if (point == OptProfileSelector.Opt)
            {
                throw new Refusal(ErrorCode.InvalidConfig, Refusal.InternalError, $"Profile {name} values of profile {number} are not self-consistent. {error.Message}");
            }

            journal.Warning($"Profile {name} values are not self-consistent. {error.Message}");
        }
    }

    private bool[] ShapeInputs()
    {
        bool[] result = new bool[network.InputTensors.Count];
        IEnumerable<DimExpr> all = network.LayerList.SelectMany(layer => layer.Outputs.SelectMany(tensor => tensor.Facts!.Dims).Concat(layer.AllRules.SelectMany(rule => (DimExpr[])[rule.Left, rule.Right])))
            .Concat(network.ShapeOutputTensors.SelectMany(tensor => tensor.Facts!.Values ?? []));
        foreach (DimExpr expression in all)
        {
            for (int i = 0; i < result.Length && !expression.IsConstant; i++)
            {
                result[i] |= expression.Uses(DimOp.Value, i);
            }
        }

        return result;
    }

    private List<CpuTensor> Outputs() => [.. network.OutputTensors];

    private Lowering Lower(ControlFlow flow, List<CpuTensor> outputs, List<CpuTensor> shown, Int8Plan? int8, RefitChoice refit) =>
        Write(new Lowering(flow) { Config = config, Int8 = int8, Refit = refit }, outputs, shown);

    private Lowering Write(Lowering graph, List<CpuTensor> outputs, List<CpuTensor> shown)
    {
        foreach (CpuTensor input in network.InputTensors)
        {
            graph.AddInput(input);
        }

        foreach (CpuTensor output in outputs)
        {
            graph.AddOutput(output);
        }

        shown.ForEach(tensor => graph.Value(tensor));
        return graph;
    }

    /// <summary>A session over the network's own weights, for the time of the build.</summary>
    /// <exception cref="OrtException">ONNX Runtime cannot run the graph.</exception>
    public static OrtSession OpenSession(byte[] model, Lowering graph, int optimizationLevel, int threads, Action<int, string>? log = null)
    {
        Dictionary<string, TensorProto> declared = graph.Graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        Dictionary<string, (nint, long, OrtElementType, long[])> initializers = new(StringComparer.Ordinal);
        foreach (WeightBlock block in graph.Blocks)
        {
            TensorProto tensor = declared[block.Name];
            initializers.Add(block.Name, (block.Address, block.Bytes, (OrtElementType)tensor.DataType, [.. tensor.Dims]));
        }

        return OrtSession.Create(model, new OrtSessionSettings
        {
            OptimizationLevel = optimizationLevel,
            PacksWeights = optimizationLevel > 0,
            Log = log,
            Initializers = initializers,
            IntraOpThreads = threads,
            Kernels = [.. graph.Plugins.Select((plugin, i) => new PluginKernel(plugin, i))],
        });
    }

    /// <summary>Lets ONNX Runtime look at the graph, so that what it cannot run is found now and not when the plan is loaded.</summary>
    /// <remarks>Weights are inputs of the graph that it looks at, of which it makes no copy; only a graph that it refuses so is tried with them.</remarks>
    private void Try(ModelProto whole, byte[] model, Lowering graph)
    {
        try
        {
            OrtSession.Create(WithoutWeights(whole).ToByteArray(), new OrtSessionSettings
            {
                OptimizationLevel = 0,
                PacksWeights = false,
                Log = (_, _) => { },
                Kernels = [.. graph.Plugins.Select((plugin, i) => new PluginKernel(plugin, i))],
                IntraOpThreads = 1,
            }).Dispose();
        }
        catch (OrtException)
        {
            TryWhole(model, graph);
        }
    }

    private void TryWhole(byte[] model, Lowering graph)
    {
        try
        {
            OpenSession(model, graph, optimizationLevel: 0, threads: 1, journal.OfOnnxRuntime).Dispose();
        }
        catch (OrtException error)
        {
            throw Refusal.Internal($"ONNX Runtime cannot run the network: {error.Message}");
        }
    }

    private static ModelProto WithoutWeights(ModelProto whole)
    {
        ModelProto result = whole.Clone();
        TensorProto[] tensors = [.. result.Graph.Initializer];
        result.Graph.Initializer.Clear();
        foreach (TensorProto tensor in tensors)
        {
            if (tensor.DataLocation != TensorProto.Types.DataLocation.External)
            {
                result.Graph.Initializer.Add(tensor);
                continue;
            }

            TensorShapeProto shape = new() { Dim = { tensor.Dims.Select(extent => new TensorShapeProto.Types.Dimension { DimValue = extent }) } };
            result.Graph.Input.Add(new ValueInfoProto { Name = tensor.Name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = tensor.DataType, Shape = shape } } });
        }

        return result;
    }

    private PlanDescription Describe(List<CpuLayer> layers, Lowering graph)
    {
        bool[] shapeInputs = ShapeInputs();
        List<PlanTensor> tensors = [];
        for (int i = 0; i < shapeInputs.Length; i++)
        {
            CpuTensor input = network.InputTensors[i];
            tensors.Add(new PlanTensor { Name = input.Name, Type = input.InputType, Format = FormatOf(input), IsInput = true, IsShape = shapeInputs[i], Dims = input.InputDims.ToArray(), Expressions = [] });
        }

        foreach (CpuTensor output in Outputs())
        {
            tensors.Add(new PlanTensor
            {
                Name = output.Name,
                Type = output.InferredType,
                Format = FormatOf(output),
                IsShape = network.ShapeOutputTensors.Contains(output),
                Alias = output.Producer is Layers.KVCacheUpdate update ? update.RequiredInput(0).Name : null,
                Dims = Extents.Visible(output.Facts!.Dims).ToArray(),
                Expressions = Array.ConvertAll(output.Facts.Dims, dim => dim.ToString()),
            });
        }

        // Assertions have no outputs: nothing needs them, but what they demand holds all the same.
        IEnumerable<CpuLayer> asserting = network.LayerList.Where(layer => layer.Outputs.Count == 0);
        IEnumerable<ShapeRule> rules = network.NamedDimensionRules().Concat(layers.Concat(asserting).SelectMany(layer => layer.AllRules));
        return new PlanDescription
        {
            Name = network.Name,
            Producer = string.Create(CultureInfo.InvariantCulture, $"Trt.Cpu {CpuRuntime.Version}"),
            Tensors = tensors,
            Rules = [.. rules.Distinct().Select(rule => new PlanRule(rule.Kind, rule.Left.ToString(), rule.Right.ToString(), rule.Text))],
            Profiles = [.. config.Profiles.Select(profile => Describe(profile, shapeInputs))],
            Layers = [.. layers.Select(layer => layer.Name)],
            Exchangeable = graph.Exchangeable,
            WeightBytes = graph.AllWeightBytes,
            LargestWeights = graph.LargestWeights,
            Memory = Memory(layers).ToString(),
            StreamsWeights = config.Settings.Flags.Contains(BuilderFlag.WeightStreaming),
            NeedsUserMemory = config.Settings.Flags.Contains(BuilderFlag.RequireUserAllocation),
            IsRefittable = graph.Refit.IsOn,
            IsStripped = graph.Refit.Strips,
            LayerDetails = config.Settings.ProfilingVerbosity == ProfilingVerbosity.Detailed ? [.. layers.Select(LayerDescription.Of)] : [],
            Debug = DebugTensors(layers, graph),
            Plugins = graph.Plugins,
            Capability = config.Settings.EngineCapability,
            Verbosity = config.Settings.ProfilingVerbosity,
            HardwareCompatibility = config.Settings.HardwareCompatibility,
        };
    }

    /// <summary>Bytes of all tensors between layers, but for those whose shape only the run knows.</summary>
    private DimExpr Memory(List<CpuLayer> layers)
    {
        List<CpuTensor> outputs = Outputs();
        DimExpr sum = DimExpr.Constant(0);
        foreach (CpuTensor tensor in layers.SelectMany(layer => layer.Outputs).Where(tensor => !outputs.Contains(tensor) && tensor.Producer is not Layers.Constant))
        {
            if (Types.IsSupported(tensor.InferredType) && tensor.Facts is { } facts && !facts.Dims.Any(dim => dim.HasUnknown))
            {
                sum += DimExpr.Volume(facts.Dims) * Math.Max(Types.Bits(tensor.InferredType) / 8, 1);
            }
        }

        return sum;
    }

    /// <summary>What runs can show, in the order of the network.</summary>
    private List<PlanDebugTensor> DebugTensors(List<CpuLayer> layers, Lowering graph)
    {
        FusedGraph fused = new(layers, Outputs());
        List<PlanDebugTensor> result = [];
        foreach (CpuTensor tensor in network.InputTensors.Concat(layers.SelectMany(layer => layer.Outputs)))
        {
            bool marked = network.DebugTensors.Contains(tensor);
            if (!marked && (!network.DebugsUnfused || fused.IsSwallowed(tensor)))
            {
                continue;
            }

            if (graph.FindInMain(tensor) is { } value)
            {
                result.Add(new PlanDebugTensor(tensor.Name, value.Name, value.Type, marked));
            }
            else if (marked)
            {
                throw new Refusal(ErrorCode.UnsupportedState, Refusal.ApiUsage, $"Debug tensor {tensor} is inside of a loop or conditional, whose values the CPU runtime cannot show; unmark it.");
            }
        }

        return result;
    }

    private PlanProfile Describe(CpuOptimizationProfile profile, bool[] shapeInputs)
    {
        Dictionary<string, long[][]> shapes = new(StringComparer.Ordinal);
        Dictionary<string, long[][]> values = new(StringComparer.Ordinal);
        for (int i = 0; i < shapeInputs.Length; i++)
        {
            CpuTensor input = network.InputTensors[i];
            if (IsDynamic(input))
            {
                shapes[input.Name] = Points(point => profile.GetDimensions(input.Name, point).ToArray());
            }

            if (shapeInputs[i])
            {
                values[input.Name] = Points(point => profile.GetShapeValuesV2(input.Name, point)!);
            }
        }

        return new PlanProfile { Shapes = shapes, Values = values };

        static long[][] Points(Func<OptProfileSelector, long[]> at) => [at(OptProfileSelector.Min), at(OptProfileSelector.Opt), at(OptProfileSelector.Max)];
    }
}
