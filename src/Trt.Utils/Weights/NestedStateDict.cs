namespace Trt.Utils;

/// <summary>Finds the state dict in a checkpoint that keeps it beside an epoch, an optimizer and more; some nest it twice.</summary>
internal static class NestedStateDict
{
    private const int Deepest = 4;

    /// <summary>Under these it is a state dict whatever stands beside it.</summary>
    private static readonly string[] CertainKeys = ["state_dict", "model"];

    /// <summary>Under these it is one where the outer dictionary has no tensors of its own.</summary>
    private static readonly string[] LikelyKeys = ["model_state_dict", "model_state", "module", "network", "net", "weights", "params", "params_ema", "ema"];

    public static WeightContent ContentOf(object? root) => new(root, TensorsOf(Find(root as TorchDictionary ?? new TorchDictionary(isOrderedDict: false))));

    /// <summary>The entries with text for a key and a tensor for a value.</summary>
    public static OrderedDictionary<string, TorchTensor> TensorsOf(TorchDictionary dictionary)
    {
        OrderedDictionary<string, TorchTensor> tensors = new(StringComparer.Ordinal);
        foreach ((object key, object? value) in dictionary)
        {
            if (key is string name && value is TorchTensor tensor)
            {
                tensors[name] = tensor.WithName(name);
            }
        }

        return tensors;
    }

    private static TorchDictionary Find(TorchDictionary root)
    {
        TorchDictionary found = root;
        for (int i = 0; i < Deepest; i++)
        {
            TorchDictionary? next = CertainKeys.Select(key => Child(found, key)).FirstOrDefault(child => child is not null)
                ?? (HasTensors(found) ? null : LikelyKeys.Select(key => Child(found, key)).FirstOrDefault(child => child is not null && HasTensors(child)) ?? OnlyOne(found));
            if (next is null)
            {
                break;
            }

            found = next;
        }

        return found;
    }

    private static TorchDictionary? Child(TorchDictionary dictionary, string key) => dictionary.TryGetValue(key, out object? value) ? value as TorchDictionary : null;

    /// <summary>The one dictionary of tensors there is, under whatever key.</summary>
    private static TorchDictionary? OnlyOne(TorchDictionary dictionary)
    {
        TorchDictionary[] candidates = [.. dictionary.Values.OfType<TorchDictionary>().Where(HasTensors).Take(2)];
        return candidates.Length == 1 ? candidates[0] : null;
    }

    private static bool HasTensors(TorchDictionary dictionary) => dictionary.Any(entry => entry is { Key: string, Value: TorchTensor });
}
