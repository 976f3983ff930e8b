namespace Trt.Interop.Copying;

/// <summary>Defines a network again, layer by layer, in another network, which may be another library's.</summary>
/// <remarks>Only the public interfaces are used, so either side may be native.</remarks>
internal sealed partial class NetworkCopier
{
    private readonly INetworkDefinition source;
    private readonly INetworkDefinition target;
    private readonly bool isStronglyTyped;
    private readonly Dictionary<ITensor, ITensor> tensors = [];
    private readonly Dictionary<ITensor, ILayer> producers = [];
    private readonly Dictionary<ILayer, ILayer> layers = [];
    private readonly Dictionary<ILoop, ILoop> loops = [];
    private readonly Dictionary<IIfConditional, IIfConditional> conditionals = [];
    private readonly Dictionary<IAttention, ILayer> attentionOutputs = [];
    private readonly Dictionary<ITensor, List<(ILayer Copy, int Input)>> later = [];

    private NetworkCopier(INetworkDefinition source, INetworkDefinition target)
    {
        this.source = source;
        this.target = target;
        isStronglyTyped = IsStronglyTyped(source);
    }

    /// <summary>Whether the types in a network follow from its inputs and layers alone. 8.x, which cannot say, has no such networks.</summary>
    public static bool IsStronglyTyped(INetworkDefinition network)
    {
        try
        {
            return network.GetFlag(NetworkDefinitionCreationFlag.StronglyTyped);
        }
        catch (NotInThisReleaseException)
        {
            return false;
        }
    }

    /// <summary>Copies a network into an empty one.</summary>
    public static NetworkCopy Copy(INetworkDefinition source, INetworkDefinition target)
    {
        NetworkCopier copier = new(source, target);
        copier.Copy();
        return new NetworkCopy(source, target, copier.tensors, copier.layers);
    }

    private void Copy()
    {
        target.Name = source.Name;
        for (int i = 0; i < source.NbInputs; i++)
        {
            CopyInput(source.GetInput(i));
        }

        List<ILayer> all = [];
        for (int i = 0; i < source.NbLayers; i++)
        {
            ILayer layer = source.GetLayer(i);
            all.Add(layer);
            for (int output = 0; output < layer.NbOutputs; output++)
            {
                producers[layer.GetOutput(output)] = layer;
            }
        }

        all.ForEach(CopyWithInputs);
        foreach (ILayer layer in all)
        {
            CopyOutputs(layer);
        }

        for (int i = 0; i < source.NbOutputs; i++)
        {
            target.MarkOutput(tensors[source.GetOutput(i)]);
        }
    }

    private void CopyInput(ITensor input)
    {
        ITensor copy = target.AddInput(input.Name, input.Type, input.Dimensions);
        for (int axis = 0; axis < input.Dimensions.NbDims; axis++)
        {
            if (input.GetDimensionName(axis) is { Length: > 0 } name)
            {
                copy.SetDimensionName(axis, name);
            }
        }

        copy.AllowedFormats = input.AllowedFormats;
        CopyRange(input, copy);
        tensors[input] = copy;
    }

    /// <summary>Copies a layer after those that it is made with.</summary>
    private void CopyWithInputs(ILayer layer)
    {
        Stack<ILayer> work = new([layer]);
        HashSet<ILayer> open = [];
        while (work.TryPeek(out ILayer? next))
        {
            if (layers.ContainsKey(next))
            {
                work.Pop();
                continue;
            }

            ILayer[] missing = open.Add(next) ? [.. Producers(next).Where(producer => !layers.ContainsKey(producer))] : [];
            if (missing.Length == 0)
            {
                work.Pop();
                layers[next] = CopyLayer(next);
                continue;
            }

            foreach (ILayer producer in missing)
            {
                work.Push(producer);
            }
        }
    }

    private IEnumerable<ILayer> Producers(ILayer layer)
    {
        for (int i = 0; i < Math.Min(layer.NbInputs, MadeWith(layer)); i++)
        {
            if (layer.GetInput(i) is { } input && producers.TryGetValue(input, out ILayer? producer))
            {
                yield return producer;
            }
        }
    }

    /// <summary>How many inputs a layer is made with; further ones may be layers that come later.</summary>
    private static int MadeWith(ILayer layer) => layer switch
    {
        IFillLayer => 0,
        IShuffleLayer or ISliceLayer or IResizeLayer or ITopKLayer or IRecurrenceLayer or IDynamicQuantizeLayer => 1,
        IQuantizeLayer or IDequantizeLayer => 2,
        INMSLayer or IRotaryEmbeddingLayer => 3,
        _ => int.MaxValue,
    };

    private ILayer CopyLayer(ILayer layer)
    {
        ILayer copy = Create(layer);
        for (int i = 0; i < layer.NbInputs; i++)
        {
            if (layer.GetInput(i) is { } input && (i >= copy.NbInputs || copy.GetInput(i) is null))
            {
                if (tensors.TryGetValue(input, out ITensor? known))
                {
                    copy.SetInput(i, known);
                }
                else if (later.TryGetValue(input, out List<(ILayer, int)>? readers))
                {
                    readers.Add((copy, i));
                }
                else
                {
                    later.Add(input, [(copy, i)]);
                }
            }
        }

        copy.Name = layer.Name;
        if (!isStronglyTyped)
        {
            Optional(() => CopyPrecisions(layer, copy));
        }

        Optional(() => copy.Metadata = layer.Metadata);
        for (int i = 0; i < layer.NbOutputs; i++)
        {
            tensors[layer.GetOutput(i)] = copy.GetOutput(i);

            // At once, because layers that follow may ask for shapes when they are added.
            if (later.Remove(layer.GetOutput(i), out List<(ILayer Copy, int Input)>? readers))
            {
                readers.ForEach(reader => reader.Copy.SetInput(reader.Input, copy.GetOutput(i)));
            }
        }

        return copy;
    }

    private static void CopyPrecisions(ILayer layer, ILayer copy)
    {
        if (layer.PrecisionIsSet())
        {
            copy.Precision = layer.Precision;
        }

        for (int i = 0; i < layer.NbOutputs; i++)
        {
            if (layer.OutputTypeIsSet(i))
            {
                copy.SetOutputType(i, layer.GetOutputType(i));
            }
        }
    }

    /// <summary>Names and ranges of outputs, last: a name may be one that another tensor had by default.</summary>
    private void CopyOutputs(ILayer layer)
    {
        for (int i = 0; i < layer.NbOutputs; i++)
        {
            ITensor tensor = layer.GetOutput(i);
            ITensor copy = tensors[tensor];
            if (copy.Name != tensor.Name)
            {
                copy.Name = tensor.Name;
            }

            CopyRange(tensor, copy);
        }
    }

    private static void CopyRange(ITensor tensor, ITensor copy) => Optional(() =>
    {
        if (tensor.DynamicRangeIsSet())
        {
            copy.SetDynamicRange(tensor.DynamicRangeMin, tensor.DynamicRangeMax);
        }
    });

    private ITensor In(ILayer layer, int index) => tensors[layer.GetInput(index)!];

    private ITensor[] AllIn(ILayer layer) => [.. Enumerable.Range(0, layer.NbInputs).Select(index => In(layer, index))];

    /// <summary>Makes a layer in the way of newer releases, or where the target's lacks that, in the way of older ones.</summary>
    private static T Newer<T>(Func<T> newer, Func<T> older)
    {
        try
        {
            return newer();
        }
        catch (NotInThisReleaseException)
        {
            return older();
        }
    }

    /// <summary>Copies what one of the two releases may lack.</summary>
    private static void Optional(Action copy)
    {
        try
        {
            copy();
        }
        catch (NotInThisReleaseException)
        {
            // A setting that one side does not know has no effect there.
        }
    }
}
