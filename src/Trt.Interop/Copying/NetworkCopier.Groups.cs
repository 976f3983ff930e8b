namespace Trt.Interop.Copying;

/// <content>What is made through another object than the network, or with more than its inputs: attention, experts, loops, conditionals.</content>
internal sealed partial class NetworkCopier
{
    /// <summary>An attention is two layers, of which the first has the inputs; both are made at once.</summary>
    private ILayer Attention(IAttentionInputLayer layer)
    {
        IAttention from = layer.Attention!;
        ITensor query = tensors[from.GetInput(0)!];
        ITensor key = tensors[from.GetInput(1)!];
        ITensor values = tensors[from.GetInput(2)!];
        IAttention copy = target.AddAttention(query, key, values, from.NormalizationOperation, from.Causal);
        Optional(() => copy.CausalKind = from.CausalKind);
        Optional(() => (copy.QueryForm, copy.KeyValueForm) = (from.QueryForm, from.KeyValueForm));
        Optional(() => (copy.QueryLengths, copy.KeyValueLengths) =
            (from.QueryLengths is { } ofQuery ? tensors[ofQuery] : null, from.KeyValueLengths is { } ofKeys ? tensors[ofKeys] : null));
        copy.Name = from.Name;
        copy.Decomposable = from.Decomposable;
        if (from.Mask is { } mask)
        {
            copy.Mask = tensors[mask];
        }

        if (from.NormalizationQuantizeScale is { } scale)
        {
            copy.NormalizationQuantizeScale = tensors[scale];
            copy.NormalizationQuantizeToType = from.NormalizationQuantizeToType;
        }

        attentionOutputs.Add(from, target.GetLayer(target.NbLayers - 1));
        return target.GetLayer(target.NbLayers - 2);
    }

    private IKVCacheUpdateLayer KVCacheUpdate(IKVCacheUpdateLayer from)
    {
        IKVCacheUpdateLayer copy = target.AddKVCacheUpdate(In(from, 0), In(from, 1), In(from, 2), from.CacheMode);
        Optional(() => copy.UpdateForm = from.UpdateForm);
        Optional(() => copy.UpdateLengths = from.UpdateLengths is { } lengths ? tensors[lengths] : null);
        return copy;
    }

    private IMoELayer MoE(IMoELayer from)
    {
        IMoELayer copy = target.AddMoE(In(from, 0), In(from, 1), In(from, 2));
        if (from.NbInputs > 3)
        {
            copy.SetGatedWeights(In(from, 3), In(from, 4), In(from, 5), from.ActivationType);
        }

        if (from.NbInputs > 6 && from.GetInput(6) is not null)
        {
            copy.SetGatedBiases(In(from, 6), In(from, 7), In(from, 8));
        }

        if (from.NbInputs > 9)
        {
            copy.SetQuantizationStatic(In(from, 9), DataType.FP8);
        }

        copy.QuantizationToType = from.QuantizationToType;

        copy.ActivationType = from.ActivationType;
        copy.SetSwigluParams(from.SwigluParamLimit, from.SwigluParamAlpha, from.SwigluParamBeta);
        return copy;
    }

    private ILayer CreateControl(ILayer layer) => layer switch
    {
        IRecurrenceLayer from => LoopOf(from).AddRecurrence(In(from, 0)),
        ITripLimitLayer from => LoopOf(from).AddTripLimit(In(from, 0), from.TripLimit),
        IIteratorLayer from => LoopOf(from).AddIterator(In(from, 0), from.Axis, from.Reverse),
        ILoopOutputLayer from => LoopOf(from).AddLoopOutput(In(from, 0), from.LoopOutput, from.Axis),
        IConditionLayer from => ConditionalOf(from).SetCondition(In(from, 0)),
        IIfConditionalInputLayer from => ConditionalOf(from).AddInput(In(from, 0)),
        IIfConditionalOutputLayer from => ConditionalOf(from).AddOutput(In(from, 0), In(from, 1)),
        _ => throw new NotSupportedException($"Layer \"{layer.Name}\" of type {layer.Type} is a boundary of a kind that cannot be copied."),
    };

    private ILoop LoopOf(ILoopBoundaryLayer layer)
    {
        ILoop from = layer.Loop!;
        if (!loops.TryGetValue(from, out ILoop? copy))
        {
            copy = target.AddLoop();
            copy.Name = from.Name;
            loops.Add(from, copy);
        }

        return copy;
    }

    private IIfConditional ConditionalOf(IIfConditionalBoundaryLayer layer)
    {
        IIfConditional from = layer.Conditional!;
        if (!conditionals.TryGetValue(from, out IIfConditional? copy))
        {
            copy = target.AddIfConditional();
            copy.Name = from.Name;
            conditionals.Add(from, copy);
        }

        return copy;
    }
}
