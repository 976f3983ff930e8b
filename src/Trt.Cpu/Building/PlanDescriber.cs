using System.Globalization;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>What a plan says of a network beside the graph and the weights.</summary>
internal sealed class PlanDescriber(CpuNetwork network, CpuBuilderConfig config)
{
    /// <summary>Describes the layers that the outputs need, in order, as they were written.</summary>
    public PlanDescription Describe(List<CpuLayer> layers, Lowering graph)
    {
        bool[] shapeInputs = network.ShapeInputs();
        List<PlanTensor> tensors = [];
        for (int i = 0; i < shapeInputs.Length; i++)
        {
            CpuTensor input = network.InputTensors[i];
            tensors.Add(new PlanTensor { Name = input.Name, Type = input.InputType, Format = FormatOf(input), IsInput = true, IsShape = shapeInputs[i], Dims = input.InputDims.ToArray(), Expressions = [] });
        }

        foreach (CpuTensor output in network.OutputTensors)
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
        IReadOnlyList<CpuTensor> outputs = network.OutputTensors;
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
        FusedGraph fused = new(layers, [.. network.OutputTensors]);
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
            if (!input.InputDims.IsStatic)
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

    private static TensorFormat FormatOf(CpuTensor tensor) => VectorFormat.Choose(tensor)?.Format ?? TensorFormat.Linear;
}
