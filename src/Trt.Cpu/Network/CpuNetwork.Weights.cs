using Trt.Interop;

namespace Trt.Cpu;

/// <content>Names of weights, and which of them a build with kREFIT_INDIVIDUAL keeps exchangeable.</content>
internal sealed partial class CpuNetwork
{
    private readonly HashSet<string> refittable = new(StringComparer.Ordinal);
    private readonly Dictionary<Weights, string> weightNames = [];

    public void SetWeightsName(Weights weights, string name)
    {
        ThrowIfDisposed();
        const string method = "INetworkDefinition::setWeightsName";
        Journal.ThrowIfTooLong(method, name);
        bool found = false;
        foreach ((_, Weights used) in layers.SelectMany(layer => layer.OwnWeights()))
        {
            found |= used == weights && used.Count > 0;
            if (used.Values == weights.Values && used.Values != 0 && used != weights)
            {
                throw Journal.Failure(method, Refusal.Argument(
                    $"The weights to be named {name} are {weights.Count} of type {Types.Name(weights.Type)}, but the network uses the same values as {used.Count} of type {Types.Name(used.Type)}."));
            }
        }

        if (!found)
        {
            throw Journal.Failure(method, Refusal.Argument($"Parameter check failed, condition: weightsSetName. The weights to be named {name} are not used in the network; name them after they were given to a layer."));
        }

        // From C++ a null pointer takes the name away.
        if (name is null)
        {
            weightNames.Remove(weights);
            return;
        }

        if (weightNames.Any(entry => entry.Value == name && entry.Key != weights))
        {
            throw Journal.Failure(method, Refusal.Argument($"The name {name} belongs to other weights of the network."));
        }

        weightNames[weights] = name;
    }

    public void MarkWeightsRefittable(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Alive(refittable);
        Weights weights = Named(name, "markWeightsRefittable");
        if (!RefitChoice.CanBe(weights.Type))
        {
            Journal.Warning($"Weights {name} have type {Types.Name(weights.Type)}; a build leaves them as they are.");
        }

        refittable.Add(name);
    }

    public void UnmarkWeightsRefittable(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Alive(refittable);
        _ = Named(name, "unmarkWeightsRefittable");
        refittable.Remove(name);
    }

    public bool AreWeightsMarkedRefittable(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Alive(refittable).Contains(name);
    }

    /// <summary>The name of weights; null where they have none.</summary>
    public string? NameOf(Weights weights) => weightNames.GetValueOrDefault(weights);

    private Weights Named(string weightsName, string method)
    {
        foreach ((Weights weights, string known) in weightNames)
        {
            if (known == weightsName)
            {
                return weights;
            }
        }

        throw Journal.Failure($"INetworkDefinition::{method}", Refusal.Argument($"Parameter check failed, condition: wtsIter != mUsedNames2Weights.end(). There are no weights named {weightsName}."));
    }
}
