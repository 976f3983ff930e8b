using Trt.Interop;

namespace Trt.Utils;

/// <summary>Gives each layer of a strongly typed network of 32-bit floats a type to compute in, and puts casts where types meet.</summary>
/// <remarks>
/// Types are followed here and not asked of the network, which is inconsistent between the first change and the last: a tensor that was a 32-bit float is in 16 bits when the layer
/// that makes it computes so. Tensors of other types are left alone.
/// </remarks>
internal sealed class PrecisionRewriter
{
    private readonly INetworkDefinition network;
    private readonly DataType type;
    private readonly PrecisionRules rules;
    private readonly NetworkGraph graph;
    private readonly HashSet<ITensor> wide = [];
    private readonly HashSet<ITensor> narrow = [];
    private readonly HashSet<IAttention> narrowAttentions = [];
    private readonly Dictionary<(ITensor Tensor, DataType Type), ITensor> casts = [];
    private readonly Dictionary<ITensor, bool> beyond = [];
    private readonly Dictionary<Weights, Weights> convertedWeights = [];
    private readonly List<string> converted = [];
    private readonly List<(string Layer, string Reason)> kept = [];
    private int castCount;
    private long zeros;

    public PrecisionRewriter(INetworkDefinition network, DataType type, PrecisionRules rules)
    {
        this.network = network;
        this.type = type;
        this.rules = rules;
        graph = new NetworkGraph(network);
        foreach (ITensor tensor in graph.Layers.SelectMany(NetworkGraph.Outputs).Concat(Enumerable.Range(0, network.NbInputs).Select(network.GetInput)))
        {
            if (tensor.Type == DataType.Float)
            {
                wide.Add(tensor);
            }
        }
    }

    public PrecisionReport Rewrite()
    {
        foreach (ILayer layer in graph.Ordered)
        {
            Rewrite(layer);
        }

        foreach (ITensor output in Enumerable.Range(0, network.NbOutputs).Select(network.GetOutput).Where(narrow.Contains).ToArray())
        {
            ITensor back = Cast(output, DataType.Float);
            graph.ReplaceOutput(output, back);
        }

        GC.KeepAlive(network);
        return new PrecisionReport { Type = type, Converted = converted, Kept = kept, Casts = castCount, WeightsRoundedToZero = zeros };
    }

    private void Rewrite(ILayer layer)
    {
        (TypeRule rule, string reason) = TypeRules.Of(layer, graph, rules);
        if (rule == TypeRule.Free)
        {
            if (layer is IDequantizeLayer dequantize && wide.Contains(dequantize.GetOutput(0)) && FeedsNarrow(dequantize))
            {
                dequantize.ToType = type;

                // TensorRT-RTX infers a type that was asked for anew only when an input is set.
                graph.Connect(dequantize, 0, dequantize.GetInput(0)!);
                narrow.Add(dequantize.GetOutput(0));
            }

            return;
        }

        int[] real = [.. Enumerable.Range(0, NetworkGraph.InputCount(layer)).Where(input => NetworkGraph.Input(layer, input) is { } tensor && wide.Contains(tensor))];
        ITensor[] given = [.. real.Select(input => NetworkGraph.Input(layer, input)!).Where(tensor => !graph.IsConstant(tensor))];
        bool computes = rule switch
        {
            TypeRule.Narrow => layer is not IAttentionOutputLayer { Attention: { } attention } || narrowAttentions.Contains(attention),
            TypeRule.Follows => given.Any(narrow.Contains),
            TypeRule.FollowsAll => given.Length > 0 && given.All(narrow.Contains),
            _ => false,
        };

        // A layer of a network that has 16 bits here and there already, or that follows from constants alone, is not touched.
        bool isReal = NetworkGraph.Outputs(layer).Any(wide.Contains) || real.Length > 0;
        if (!isReal || (layer.NbOutputs > 0 && NetworkGraph.Outputs(layer).All(graph.IsConstant)))
        {
            return;
        }

        if (computes && WhyNot(layer, real) is { } why)
        {
            (computes, reason) = (false, why);
        }

        if (!computes)
        {
            Restore(layer, real);
            if (reason.Length > 0)
            {
                kept.Add((layer.Name, reason));
            }

            return;
        }

        foreach (int input in real)
        {
            ITensor tensor = NetworkGraph.Input(layer, input)!;
            if (!narrow.Contains(tensor))
            {
                graph.Connect(layer, input, Cast(tensor, type));
            }
        }

        if (layer is IAttentionInputLayer { Attention: { } inputs })
        {
            narrowAttentions.Add(inputs);
        }

        converted.Add(layer.Name);
        layer = rules.KeepsWeights && layer is IConvolutionLayer or IDeconvolutionLayer && LayerWeights.Of(layer)[0].Count > 0 ? WithCastWeights(layer) : layer;
        ConvertWeights(layer);
        narrow.UnionWith(NetworkGraph.Outputs(layer).Where(wide.Contains));
    }

    private string? WhyNot(ILayer layer, int[] real)
    {
        if (rules.KeptLayers.Contains(layer.Name))
        {
            return "kept by name";
        }

        if (rules.KeptTypes.Contains(layer.Type))
        {
            return $"kept as {layer.Type}";
        }

        if (Enumerable.Range(0, NetworkGraph.InputCount(layer)).Any(input => NetworkGraph.Input(layer, input) is { } tensor && !wide.Contains(tensor) && tensor.Type is DataType.Half or DataType.BF16))
        {
            return "it has inputs in 16 bits already";
        }

        if (rules.KeepsWeights && layer is IScaleLayer)
        {
            return "its weights keep their type, and cannot be cast";
        }

        // TensorRT-RTX cannot infer the type of such a layer's output.
        return layer is IDeconvolutionLayer && type == DataType.BF16 ? "deconvolutions are not computed in BF16"
            : LayerWeights.Of(layer).Any(weights => NarrowWeights.IsBeyond(weights, type)) ? $"its weights are beyond the range of {type}"
            : real.Select(input => NetworkGraph.Input(layer, input)!).FirstOrDefault(IsBeyond) is { } constant ? $"the constant {constant.Name} is beyond the range of {type}"
            : null;
    }

    /// <summary>Whether a constant has numbers that the type cannot hold. What arranges constants is seen through, what computes with them is not.</summary>
    private bool IsBeyond(ITensor tensor)
    {
        if (!graph.IsConstant(tensor))
        {
            return false;
        }

        if (!beyond.TryGetValue(tensor, out bool result))
        {
            ILayer producer = graph.Producer(tensor)!;
            result = producer is IConstantLayer constant ? NarrowWeights.IsBeyond(constant.Weights, type) : NetworkGraph.Inputs(producer).Any(IsBeyond);
            beyond.Add(tensor, result);
        }

        return result;
    }

    /// <summary>Gives a layer its inputs in 32 bits.</summary>
    private void Restore(ILayer layer, int[] real)
    {
        foreach (int input in real)
        {
            ITensor tensor = NetworkGraph.Input(layer, input)!;
            if (narrow.Contains(tensor))
            {
                graph.Connect(layer, input, Cast(tensor, DataType.Float));
            }
        }
    }

    private ITensor Cast(ITensor tensor, DataType to)
    {
        // Both branches of a conditional may read its inputs, but a layer belongs to one.
        bool isShared = graph.Producer(tensor) is not IIfConditionalInputLayer;
        if (isShared && casts.TryGetValue((tensor, to), out ITensor? known))
        {
            return known;
        }

        ITensor result = graph.Add(Converted(tensor, to), $"{tensor.Name}_{to}{(isShared ? string.Empty : $"_{castCount}")}").GetOutput(0);
        castCount++;
        if (isShared)
        {
            casts.Add((tensor, to), result);
        }

        return result;
    }

    /// <summary>The layer once more, with its weights as constants that are cast.</summary>
    private ILayer WithCastWeights(ILayer layer)
    {
        Weights[] weights = LayerWeights.Of(layer);
        ITensor kernel = Cast(Constant(WindowedLayers.KernelShape(layer), weights[0], $"{layer.Name}.kernel"), type);
        ITensor? bias = weights[1].Count > 0 ? Cast(Constant([weights[1].Count], weights[1], $"{layer.Name}.bias"), type) : null;
        ILayer copy = WindowedLayers.Replace(graph, layer, layer.GetInput(0)!, kernel, bias);
        wide.Add(copy.GetOutput(0));
        return copy;

        ITensor Constant(Dims shape, Weights values, string name) => graph.Add(network.AddConstant(shape, values), name).GetOutput(0);
    }

    private void ConvertWeights(ILayer layer)
    {
        switch (layer)
        {
            case IConvolutionLayer convolution:
                Convert(convolution.KernelWeights, weights => convolution.KernelWeights = weights);
                Convert(convolution.BiasWeights, weights => convolution.BiasWeights = weights);
                break;
            case IDeconvolutionLayer deconvolution:
                Convert(deconvolution.KernelWeights, weights => deconvolution.KernelWeights = weights);
                Convert(deconvolution.BiasWeights, weights => deconvolution.BiasWeights = weights);
                break;
            case IFullyConnectedLayer connected:
                Convert(connected.KernelWeights, weights => connected.KernelWeights = weights);
                Convert(connected.BiasWeights, weights => connected.BiasWeights = weights);
                break;
            case IScaleLayer scale:
                Convert(scale.Shift, weights => scale.Shift = weights);
                Convert(scale.Scale, weights => scale.Scale = weights);
                Convert(scale.Power, weights => scale.Power = weights);
                break;
        }
    }

    private void Convert(Weights weights, Action<Weights> set)
    {
        if (weights.Count <= 0 || weights.Type != DataType.Float)
        {
            return;
        }

        if (!convertedWeights.TryGetValue(weights, out Weights result))
        {
            result = NarrowWeights.Convert(weights, type, ref zeros);
            convertedWeights.Add(weights, result);
        }

        set(result);
    }

    /// <summary>Whether all who read what is dequantized can compute in 16 bits, so that it is made so at once.</summary>
    private bool FeedsNarrow(IDequantizeLayer layer) => graph.Readers(layer.GetOutput(0)).TrueForAll(reader =>
        TypeRules.Of(reader.Layer, graph, rules).Rule is TypeRule.Narrow or TypeRule.Follows && WhyNot(reader.Layer, []) is null);

    /// <summary>A tensor in another type: dequantized once more where it is dequantized, so that nothing comes between that and its reader, else cast.</summary>
    private ILayer Converted(ITensor tensor, DataType to)
    {
        if (graph.Producer(tensor) is not IDequantizeLayer from)
        {
            return network.AddCast(tensor, to);
        }

        IDequantizeLayer again = network.AddDequantize(from.GetInput(0)!, from.GetInput(1)!, to);
        if (from.Axis >= 0)
        {
            again.Axis = from.Axis;
        }

        return again;
    }
}
