using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Trt.Utils;

/// <summary>A Python <c>dict</c> or <c>OrderedDict</c> of a checkpoint, in the file's order.</summary>
/// <remarks>
/// Keys are <see cref="string"/>, <see cref="long"/>, <see cref="System.Numerics.BigInteger"/>, <see cref="double"/>, <see cref="bool"/>, byte arrays or tuples
/// (<c>object?[]</c>) of these, compared by value; when looking up, an <see cref="int"/> finds the <see cref="long"/> of the same value. Values are the plain values that
/// <see cref="TorchStateDict.Root"/> describes. Read-only, so any number of threads may read it. A dictionary may hold itself, as in Python: walk nested values with that in mind.
/// </remarks>
public sealed class TorchDictionary : IReadOnlyDictionary<object, object?>
{
    private static readonly OrderedDictionary<object, object?> Empty = [];

    private OrderedDictionary<object, object?> entries = Empty;

    internal TorchDictionary(bool isOrderedDict) => IsOrderedDict = isOrderedDict;

    /// <summary>Whether it was a <c>collections.OrderedDict</c> rather than a <c>dict</c>.</summary>
    public bool IsOrderedDict { get; }

    /// <summary>The class of a TorchScript object, such as <c>__torch__.torch.nn.modules.conv.Conv2d</c>, whose attributes are then the entries; null for dictionaries.</summary>
    public string? TypeName { get; internal init; }

    /// <summary>What Python kept as attributes of the object, such as a state dict's <c>_metadata</c> (and the <c>__metadata__</c> of a .safetensors file); null where there are none.</summary>
    public TorchDictionary? Attributes { get; internal set; }

    /// <summary>How many entries there are.</summary>
    public int Count => entries.Count;

    /// <summary>The keys, in the file's order.</summary>
    public IEnumerable<object> Keys => entries.Keys;

    /// <summary>The values, in the file's order.</summary>
    public IEnumerable<object?> Values => entries.Values;

    /// <summary>The value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    public object? this[object key] => TryGetValue(key, out object? value)
        ? value
        : throw new KeyNotFoundException($"The dictionary has no key {PickleKeyComparer.Describe(key)} among its {Count}.");

    /// <summary>Whether a key is there.</summary>
    /// <param name="key">The key.</param>
    /// <returns>True if it is.</returns>
    public bool ContainsKey(object key) => entries.ContainsKey(Normalise(key));

    /// <summary>Looks a key up.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value, which may be null (Python's <c>None</c>); null where the key is missing.</param>
    /// <returns>Whether the key is there.</returns>
    public bool TryGetValue(object key, [MaybeNullWhen(false)] out object? value) => entries.TryGetValue(Normalise(key), out value);

    /// <summary>Goes through the entries in the file's order.</summary>
    /// <returns>The enumerator.</returns>
    public IEnumerator<KeyValuePair<object, object?>> GetEnumerator() => entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => $"{TypeName ?? (IsOrderedDict ? "OrderedDict" : "dict")} of {Count} entries";

    internal void Set(object key, object? value)
    {
        if (ReferenceEquals(entries, Empty))
        {
            entries = new OrderedDictionary<object, object?>(PickleKeyComparer.Instance); // most hooks and attributes stay empty
        }

        entries[key] = value;
    }

    private static object Normalise(object key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key switch
        {
            int number => (long)number,
            short number => (long)number,
            byte number => (long)number,
            _ => key,
        };
    }
}
