using Trt.Interop;

namespace Trt.Utils;

/// <summary>A network's layers with who makes and who reads each tensor, and changes to it that keep both right.</summary>
internal sealed class NetworkGraph
{
    /// <summary>The place of an attention's mask among its inputs.</summary>
    private const int AttentionMask = 3;

    private readonly Dictionary<ITensor, ILayer> producers = [];
    private readonly Dictionary<ITensor, List<(ILayer Layer, int Input)>> readers = [];
    private readonly HashSet<ITensor> constants = [];
    private readonly Dictionary<ILayer, HashSet<object>> scopes = [];

    public NetworkGraph(INetworkDefinition network)
    {
        Network = network;
        Layers = [.. Enumerable.Range(0, network.NbLayers).Select(network.GetLayer)];
        foreach (ILayer layer in Layers)
        {
            for (int i = 0; i < layer.NbOutputs; i++)
            {
                producers[layer.GetOutput(i)] = layer;
            }

            for (int i = 0; i < InputCount(layer); i++)
            {
                if (Input(layer, i) is { } input)
                {
                    Readers(input).Add((layer, i));
                }
            }
        }

        Ordered = Order();
        foreach (ILayer layer in Ordered)
        {
            scopes.Add(layer, ScopesOf(layer));
        }

        foreach (ILayer layer in Ordered.Where(layer => layer is IConstantLayer || (IsPure(layer) && Inputs(layer).Any() && Inputs(layer).All(constants.Contains))))
        {
            constants.UnionWith(Outputs(layer));
        }
    }

    public INetworkDefinition Network { get; }

    /// <summary>The layers as they were at first, in the order in which they were added.</summary>
    public IReadOnlyList<ILayer> Layers { get; }

    /// <summary>The same layers, each after those that it reads, but for what a loop carries back.</summary>
    public IReadOnlyList<ILayer> Ordered { get; }

    public static IEnumerable<ITensor> Inputs(ILayer layer) => Enumerable.Range(0, InputCount(layer)).Select(input => Input(layer, input)).OfType<ITensor>();

    /// <summary>How many inputs a layer may have; an attention's are query, key, value and mask.</summary>
    public static int InputCount(ILayer layer) => layer is IAttentionInputLayer ? AttentionMask + 1 : layer.NbInputs;

    /// <summary>An input of a layer; null where an optional one is not given.</summary>
    public static ITensor? Input(ILayer layer, int input) => layer is not IAttentionInputLayer { Attention: { } attention } ? layer.GetInput(input)
        : input == AttentionMask ? attention.Mask
        : attention.GetInput(input);

    public static IEnumerable<ITensor> Outputs(ILayer layer) => Enumerable.Range(0, layer.NbOutputs).Select(layer.GetOutput);

    /// <summary>The layer that makes a tensor; null for inputs of the network.</summary>
    public ILayer? Producer(ITensor tensor) => producers.GetValueOrDefault(tensor);

    /// <summary>Whether a tensor follows from constants alone.</summary>
    public bool IsConstant(ITensor tensor) => constants.Contains(tensor);

    /// <summary>Whether a tensor is made within a loop or a branch of a conditional.</summary>
    public bool IsInner(ITensor tensor) => Producer(tensor) is { } producer && scopes.TryGetValue(producer, out HashSet<object>? around) && around.Count > 0;

    /// <summary>Whether a layer runs again and again within a loop.</summary>
    public bool IsInLoop(ILayer layer) => scopes.TryGetValue(layer, out HashSet<object>? around) && around.Any(scope => scope is ILoop);

    /// <summary>The layers that read a tensor.</summary>
    public List<(ILayer Layer, int Input)> Readers(ITensor tensor)
    {
        if (!readers.TryGetValue(tensor, out List<(ILayer Layer, int Input)>? list))
        {
            readers.Add(tensor, list = []);
        }

        return list;
    }

    /// <summary>Gives a layer another tensor to read.</summary>
    public void Connect(ILayer layer, int input, ITensor tensor)
    {
        if (input < InputCount(layer) && Input(layer, input) is { } before)
        {
            Readers(before).Remove((layer, input));
        }

        if (layer is not IAttentionInputLayer { Attention: { } attention })
        {
            layer.SetInput(input, tensor);
        }
        else if (input == AttentionMask)
        {
            attention.Mask = tensor;
        }
        else
        {
            attention.SetInput(input, tensor);
        }

        Readers(tensor).Add((layer, input));
    }

    /// <summary>Lets everything that reads a tensor, and the network's outputs, have another one in its stead. Name and formats go with it.</summary>
    public void Replace(ITensor tensor, ITensor other)
    {
        foreach ((ILayer layer, int input) in Readers(tensor).ToArray())
        {
            Connect(layer, input, other);
        }

        string name = tensor.Name;
        if (tensor.IsNetworkOutput)
        {
            ReplaceOutput(tensor, other);
        }
        else
        {
            tensor.Name = FreeName(name, "_replaced");
            other.Name = name;
        }
    }

    /// <summary>Marks another tensor as the output that a tensor is, at the same place, under its name and with its formats.</summary>
    public void ReplaceOutput(ITensor output, ITensor other)
    {
        ITensor[] outputs = [.. Enumerable.Range(0, Network.NbOutputs).Select(Network.GetOutput)];
        string name = output.Name;
        Mask<TensorFormat> formats = output.AllowedFormats;
        Array.ForEach(outputs, Network.UnmarkOutput);
        output.Name = FreeName(name, "_inner");
        other.Name = name;
        foreach (ITensor tensor in outputs)
        {
            Network.MarkOutput(tensor == output ? other : tensor);
        }

        if (other.AllowedFormats != formats)
        {
            other.AllowedFormats = formats;
        }
    }

    /// <summary>Takes note of a layer that was added.</summary>
    public T Add<T>(T layer, string name)
        where T : ILayer
    {
        layer.Name = name;
        foreach (ITensor output in Outputs(layer))
        {
            producers[output] = layer;
        }

        for (int i = 0; i < InputCount(layer); i++)
        {
            if (Input(layer, i) is { } input)
            {
                Readers(input).Add((layer, i));
            }
        }

        return layer;
    }

    /// <summary>Whether a layer says the same for the same inputs and has nothing to do with loops and conditionals.</summary>
    private static bool IsPure(ILayer layer) => layer is not (IPluginV2Layer or IPluginV3Layer or ILoopBoundaryLayer or IIfConditionalBoundaryLayer or IFillLayer or IAssertionLayer);

    /// <summary>The loops and conditionals that a layer is in: those of what it reads, one more or less at their borders.</summary>
    private HashSet<object> ScopesOf(ILayer layer)
    {
        HashSet<object> around = [.. Before(layer).Select(Producer).OfType<ILayer>().SelectMany(producer => scopes.GetValueOrDefault(producer) ?? [])];
        switch (layer)
        {
            case IRecurrenceLayer or IIteratorLayer:
                around.Add(((ILoopBoundaryLayer)layer).Loop!);
                break;
            case ILoopOutputLayer output:
                around.Remove(output.Loop!);
                break;
            case IIfConditionalInputLayer input:
                around.Add(input.Conditional!);
                break;
            case IIfConditionalOutputLayer output:
                around.Remove(output.Conditional!);
                break;
        }

        return around;
    }

    private string FreeName(string name, string suffix)
    {
        HashSet<string> names = [.. producers.Keys.Select(tensor => tensor.Name), .. Enumerable.Range(0, Network.NbInputs).Select(input => Network.GetInput(input).Name)];
        string free = name + suffix;
        while (names.Contains(free))
        {
            free += suffix;
        }

        return free;
    }

    /// <summary>What a layer reads in the same round of a loop.</summary>
    private static IEnumerable<ITensor> Before(ILayer layer) => layer is IRecurrenceLayer ? Inputs(layer).Take(1) : Inputs(layer);

    private List<ILayer> Order()
    {
        List<ILayer> ordered = [];
        HashSet<ILayer> done = [];
        foreach (ILayer layer in Layers)
        {
            Stack<ILayer> work = new([layer]);
            HashSet<ILayer> open = [];
            while (work.TryPeek(out ILayer? next))
            {
                if (done.Contains(next))
                {
                    work.Pop();
                    continue;
                }

                ILayer[] missing = open.Add(next) ? [.. Before(next).Select(Producer).OfType<ILayer>().Where(producer => !done.Contains(producer))] : [];
                if (missing.Length == 0)
                {
                    work.Pop();
                    done.Add(next);
                    ordered.Add(next);
                }

                Array.ForEach(missing, work.Push);
            }
        }

        return ordered;
    }
}
