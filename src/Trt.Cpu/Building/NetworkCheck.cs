using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Whether a network can be built with a configuration, apart from its profiles.</summary>
internal sealed class NetworkCheck(CpuNetwork network, CpuBuilderConfig config)
{
    private static readonly BuilderFlag[] PrecisionFlags = [BuilderFlag.FP16, BuilderFlag.Int8, BuilderFlag.BF16, BuilderFlag.FP8, BuilderFlag.Int4, BuilderFlag.FP4];

    /// <summary>Checks layers, element types and formats.</summary>
    /// <exception cref="Refusal">Something is wrong.</exception>
    public void Check()
    {
        CheckLayers();
        NarrowTypes.Check(network);
        CheckFormats();
    }

    /// <summary>Checks what holds of a network whatever is built of it: each layer has a shape, loops and branches are whole, and the settings are possible.</summary>
    /// <exception cref="Refusal">Something is wrong.</exception>
    public void CheckLayers()
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

        new ControlFlow(network, network.OutputTensors).Check();

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
        foreach (CpuTensor tensor in network.InputTensors.Concat(network.OutputTensors))
        {
            if (VectorFormat.Choose(tensor) is not null && tensor.Producer is not null && tensor.Facts!.Dims.Any(dim => dim.HasUnknown))
            {
                throw Refusal.Api($"Output {tensor} allows only formats {tensor.Formats}, but its shape is known after the run only, where it can only be linear.");
            }
        }
    }
}
