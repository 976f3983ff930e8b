using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Trt.Lite;

/// <summary>The results of a call, one for each output, or for those outputs together that a post-processor was registered for.</summary>
public sealed class Outputs : IReadOnlyDictionary<string, Output>
{
    private readonly Output[] all;

    internal Outputs(ReadOnlySpan<OutputCollector> collectors)
    {
        all = new Output[collectors.Length];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = new Output(collectors[i]);
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => all.Length;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => all.Select(output => output.Name);

    /// <inheritdoc/>
    public IEnumerable<Output> Values => all;

    /// <summary>The results of an output.</summary>
    /// <param name="key">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such output; the message names those that there are.</exception>
    public Output this[string key] => TryGetValue(key, out Output? found) ? found : throw new KeyNotFoundException($"There is no output \"{key}\"; there are {string.Join(", ", Keys)}.");

    /// <summary>The results of an output by its place.</summary>
    /// <param name="index">From 0, in the model's order.</param>
    public Output this[int index] => all[index];

    /// <summary>The results of the first two outputs.</summary>
    /// <typeparam name="T1">Of the first.</typeparam>
    /// <typeparam name="T2">Of the second.</typeparam>
    /// <exception cref="InvalidCastException">There are more or fewer outputs, or results of another kind.</exception>
    public (T1 First, T2 Second) To<T1, T2>() => Of(2) ? (all[0].To<T1>(), all[1].To<T2>()) : default;

    /// <summary>The results of the first three outputs.</summary>
    /// <typeparam name="T1">Of the first.</typeparam>
    /// <typeparam name="T2">Of the second.</typeparam>
    /// <typeparam name="T3">Of the third.</typeparam>
    /// <exception cref="InvalidCastException">There are more or fewer outputs, or results of another kind.</exception>
    public (T1 First, T2 Second, T3 Third) To<T1, T2, T3>() => Of(3) ? (all[0].To<T1>(), all[1].To<T2>(), all[2].To<T3>()) : default;

    /// <inheritdoc/>
    public bool ContainsKey(string key) => TryGetValue(key, out _);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Output value)
    {
        value = Array.Find(all, output => output.Name == key);
        return value is not null;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Output>> GetEnumerator() => all.Select(output => KeyValuePair.Create(output.Name, output)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Names and kinds of the results.</summary>
    public override string ToString() => string.Join("; ", (IEnumerable<Output>)all);

    private bool Of(int wanted) => Count == wanted ? true : throw new InvalidCastException($"There are {Count} results ({string.Join(", ", Keys)}), not {wanted}.");
}
