using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Trt.Utils;

/// <summary>
/// A weight file, opened without Python: the tensors of its state dict by name, and everything else as plain values in <see cref="Root"/>.
/// </summary>
/// <remarks>
/// <para>
/// The file is mapped into memory, and opening reads its structure only. Its pickle is read by a machine that can make tensors, dictionaries, lists, tuples, sets, numbers, text and
/// bytes and nothing else: no code of the file is ever run, and a file that wants to call anything else is refused with that name. No memory is taken beyond what the file's size
/// justifies.
/// </para>
/// <para>Read are, whatever the file is called:</para>
/// <list type="bullet">
/// <item>PyTorch checkpoints: the zip format of version 1.6 and later, and the format before it;</item>
/// <item>TorchScript archives: their modules' parameters and buffers, or the constants of a frozen module;</item>
/// <item><c>.safetensors</c>, and <c>.npz</c> and <c>.npy</c> files of NumPy;</item>
/// <item>the <c>.index.json</c> of a model in several <c>.safetensors</c> or <c>.bin</c> files, which must lie beside it;</item>
/// <item><c>.wts</c> texts, whose tensors have one dimension because the format has no shapes.</item>
/// </list>
/// <para>
/// The state dict of a checkpoint is the dictionary under <c>state_dict</c> if there is one, else that under <c>model</c>, else the file's dictionary itself; if that has no tensors,
/// one under another usual name, or the only one that has some. <see cref="Under"/> gets at others. Of it, the entries that are tensors are listed. Any number of threads may read at once. Dispose ends all spans and addresses that were handed out; a state dict that is merely forgotten keeps them valid and the
/// file mapped until the process ends.
/// </para>
/// </remarks>
public sealed class TorchStateDict : IReadOnlyDictionary<string, TorchTensor>, IDisposable
{
    private readonly MappedFile file;
    private readonly WeightContent content;

    private TorchStateDict(MappedFile file, WeightContent content)
    {
        this.file = file;
        this.content = content;
    }

    /// <summary>The file, as it was given to <see cref="Open"/>.</summary>
    public string Path => file.Path;

    /// <summary>
    /// All that the file holds. Values are null, <see cref="bool"/>, <see cref="long"/>, <see cref="System.Numerics.BigInteger"/> where a long is too small, <see cref="double"/>,
    /// <see cref="string"/>, byte arrays, <see cref="TorchTensor"/>, <see cref="TorchSize"/>, <see cref="TorchDType"/>, <see cref="TorchDictionary"/>,
    /// <c>List&lt;object?&gt;</c> for a list, <c>object?[]</c> for a tuple and <c>HashSet&lt;object&gt;</c> for a set. A <c>torch.device</c> is its name as text. A TorchScript module
    /// is a dictionary of its attributes with a <see cref="TorchDictionary.TypeName"/>; the outermost has the archive's constants under <c>CONSTANTS</c>. Of an index it is its JSON.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The state dict has been disposed.</exception>
    public object? Root
    {
        get
        {
            ThrowIfDisposed();
            return content.Root;
        }
    }

    /// <summary>How many tensors the state dict has.</summary>
    /// <exception cref="ObjectDisposedException">The state dict has been disposed.</exception>
    public int Count => Tensors().Count;

    /// <summary>The tensors' names, in the file's order.</summary>
    /// <exception cref="ObjectDisposedException">The state dict has been disposed.</exception>
    public IEnumerable<string> Keys => Tensors().Keys;

    /// <summary>The tensors, in the file's order.</summary>
    /// <exception cref="ObjectDisposedException">The state dict has been disposed.</exception>
    public IEnumerable<TorchTensor> Values => Tensors().Values;

    /// <summary>A tensor by its name.</summary>
    /// <param name="key">The name, such as <c>conv1.weight</c>.</param>
    /// <exception cref="KeyNotFoundException">There is no tensor of that name; the message lists names that there are.</exception>
    /// <exception cref="ObjectDisposedException">The state dict has been disposed.</exception>
    public TorchTensor this[string key] => Tensors().TryGetValue(key, out TorchTensor? tensor)
        ? tensor
        : throw new KeyNotFoundException($"{Path} has no tensor \"{key}\". It has {content.Tensors.Count}: {string.Join(", ", content.Tensors.Keys.Take(20))}{(content.Tensors.Count > 20 ? ", …" : "")}.");

    /// <summary>Opens a weight file.</summary>
    /// <param name="path">The file; its content decides the format, not its name.</param>
    /// <returns>The state dict, owned by the caller.</returns>
    /// <exception cref="TorchFormatException">The file is damaged, of a kind that is not read, or wants to run code.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    public static TorchStateDict Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new TorchStateDict(file, WeightFormat.Read(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => Tensors().ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out TorchTensor value) => Tensors().TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, TorchTensor>> GetEnumerator() => Tensors().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The tensors of another dictionary in <see cref="Root"/>, such as the one of two networks that one checkpoint keeps.</summary>
    /// <param name="keys">The keys that lead to it from <see cref="Root"/>, outermost first.</param>
    /// <returns>The entries that are tensors, by name.</returns>
    /// <exception cref="KeyNotFoundException">There is no dictionary there.</exception>
    /// <exception cref="ObjectDisposedException">The state dict has been disposed.</exception>
    public IReadOnlyDictionary<string, TorchTensor> Under(params ReadOnlySpan<string> keys)
    {
        object? found = Root;
        foreach (string key in keys)
        {
            found = found is TorchDictionary dictionary && dictionary.TryGetValue(key, out object? value) ? value : null;
        }

        return found is TorchDictionary end
            ? NestedStateDict.TensorsOf(end)
            : throw new KeyNotFoundException($"{Path} has no dictionary under {string.Join(" / ", keys.ToArray())}. At its top it has {string.Join(", ", (Root as TorchDictionary)?.Keys.Take(20).Select(PickleKeyComparer.Describe) ?? [])}.");
    }

    /// <summary>Unmaps the file. A second call does nothing; copies that other threads are making are finished first.</summary>
    public void Dispose()
    {
        file.Dispose();
        foreach (MappedFile shard in content.Shards)
        {
            shard.Dispose();
        }
    }

    private OrderedDictionary<string, TorchTensor> Tensors()
    {
        ThrowIfDisposed();
        return content.Tensors;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(file.IsClosed, this);
}
