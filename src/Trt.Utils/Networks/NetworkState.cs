using System.Runtime.CompilerServices;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>What is known of a network while modules are added to it: which names are taken, and which weights were made of which tensors.</summary>
/// <remarks>TensorRT refuses networks with two layers of one name, and one name for two sets of weights.</remarks>
internal sealed class NetworkState
{
    private static readonly ConditionalWeakTable<INetworkDefinition, NetworkState> States = [];
    private readonly HashSet<string> layerNames = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, DataType Type), (TorchTensor Source, Weights Weights)> made = [];
    private readonly Dictionary<(float Value, long Count, DataType Type), Weights> constants = [];
    private readonly Dictionary<nint, Weights> named = [];

    private NetworkState(INetworkDefinition network)
    {
        for (int i = 0; i < network.NbLayers; i++)
        {
            layerNames.Add(network.GetLayer(i).Name);
        }
    }

    public static NetworkState Of(INetworkDefinition network) => States.GetValue(network, static network => new NetworkState(network));

    /// <summary>The name itself, or where it is taken the first of <c>NAME_2</c>, <c>NAME_3</c> … that is free.</summary>
    public string Unique(string name)
    {
        string free = name;
        for (int i = 2; !layerNames.Add(free); i++)
        {
            free = $"{name}_{i}";
        }

        return free;
    }

    /// <summary>Weights under a name, made once: modules that are used several times share theirs.</summary>
    /// <param name="name">The name that they will have.</param>
    /// <param name="source">The tensor that they are made of; another one under the same name is refused.</param>
    /// <param name="type">Their element type.</param>
    /// <param name="make">Makes them.</param>
    public Weights Once(string name, TorchTensor source, DataType type, Func<Weights> make)
    {
        if (made.TryGetValue((name, type), out (TorchTensor Source, Weights Weights) known))
        {
            return IsSame(known.Source, source)
                ? known.Weights
                : throw new InvalidOperationException($"The network has weights named \"{name}\" already, of another checkpoint. Rename the tensors of one of them, so that a refit can tell them apart.");
        }

        Weights weights = make();
        if (weights.Values != 0 && named.TryGetValue(weights.Values, out Weights other) && other != weights)
        {
            // Two tensors of a checkpoint begin at one place but differ in length: a library takes one set of weights at an address.
            weights = Copy(weights);
        }

        made.Add((name, type), (source, weights));
        return weights;
    }

    /// <summary>A number as often as wanted, made once.</summary>
    public Weights Constant(float value, long count, DataType type)
    {
        if (!constants.TryGetValue((value, count, type), out Weights weights))
        {
            float[] values = new float[count];
            Array.Fill(values, value);
            weights = WeightsConversion.From(values, type);
            constants.Add((value, count, type), weights);
        }

        return weights;
    }

    /// <summary>Names weights which a layer was given. Tied weights, one tensor under two names, keep the first name.</summary>
    public void Name(INetworkDefinition network, Weights weights, string name)
    {
        if (weights.Count > 0 && named.TryAdd(weights.Values, weights))
        {
            network.SetWeightsName(weights, name);
        }
    }

    /// <summary>Whether two tensors are one, perhaps looked up through two maps.</summary>
    private static bool IsSame(TorchTensor one, TorchTensor other) => ReferenceEquals(one, other)
        || (one.IsContiguous && other.IsContiguous && one.DType == other.DType && one.Shape.SequenceEqual(other.Shape) && one.Pointer == other.Pointer);

    private static Weights Copy(Weights weights) => weights.Type switch
    {
        DataType.Float => Weights.From(weights.AsSpan<float>().ToArray()),
        DataType.Half => Weights.From(weights.AsSpan<Half>().ToArray()),
        _ => throw new NotSupportedException($"Two tensors of type {weights.Type} begin at one place of the checkpoint. Store them one by one."),
    };
}
