using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Trt.Utils;

/// <summary>
/// A PyTorch checkpoint, opened without Python: the tensors of its state dict by name, and everything else as plain values in <see cref="Root"/>.
/// </summary>
/// <remarks>
/// <para>
/// The file is mapped into memory, and opening reads its structure only. Its pickle is read by a machine that can make tensors, dictionaries, lists, tuples, sets, numbers, text and
/// bytes and nothing else: no code of the file is ever run, and a file that wants to call anything else is refused with that name. No memory is taken beyond what the file's size
/// justifies. Read are the zip format of PyTorch 1.6 and later and the format before it.
/// </para>
/// <para>
/// The state dict is the dictionary under <c>state_dict</c> if there is one, else that under <c>model</c>, else the file's dictionary itself; of it, the entries that are tensors
/// are listed. Any number of threads may read at once. Dispose ends all spans and addresses that were handed out; a state dict that is merely forgotten keeps them valid and the
/// file mapped until the process ends.
/// </para>
/// </remarks>
public sealed class TorchStateDict : IReadOnlyDictionary<string, TorchTensor>, IDisposable
{
    private readonly MappedFile file;
    private readonly object? root;
    private readonly OrderedDictionary<string, TorchTensor> tensors = new(StringComparer.Ordinal);

    private TorchStateDict(MappedFile file, object? root)
    {
        this.file = file;
        this.root = root;
        foreach ((object key, object? value) in StateDictOf(root))
        {
            if (key is string name && value is TorchTensor tensor)
            {
                tensors[name] = tensor.WithName(name);
            }
        }
    }

    /// <summary>The file, as it was given to <see cref="Open"/>.</summary>
    public string Path => file.Path;

    /// <summary>
    /// All that the file holds. Values are null, <see cref="bool"/>, <see cref="long"/>, <see cref="System.Numerics.BigInteger"/> where a long is too small, <see cref="double"/>,
    /// <see cref="string"/>, byte arrays, <see cref="TorchTensor"/>, <see cref="TorchSize"/>, <see cref="TorchDType"/>, <see cref="TorchDictionary"/>,
    /// <c>List&lt;object?&gt;</c> for a list, <c>object?[]</c> for a tuple and <c>HashSet&lt;object&gt;</c> for a set. A <c>torch.device</c> is its name as text.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The state dict has been disposed.</exception>
    public object? Root
    {
        get
        {
            ThrowIfDisposed();
            return root;
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
        : throw new KeyNotFoundException($"{Path} has no tensor \"{key}\". It has {tensors.Count}: {string.Join(", ", tensors.Keys.Take(20))}{(tensors.Count > 20 ? ", …" : "")}.");

    /// <summary>Opens a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The checkpoint, owned by the caller.</returns>
    /// <exception cref="TorchFormatException">The file is damaged, of a kind that is not read, or wants to run code.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    public static TorchStateDict Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        MappedFile file = MappedFile.Open(path);
        try
        {
            object? root = Load(file);
            PlainValues.Check(path, root);
            return new TorchStateDict(file, root);
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

    /// <summary>Unmaps the file. A second call does nothing; copies that other threads are making are finished first.</summary>
    public void Dispose() => file.Dispose();

    private static object? Load(MappedFile file)
    {
        ReadOnlySpan<byte> head = file.Span(0, Math.Min(file.Length, 512));
        if (TorchZipFile.IsZip(head))
        {
            return TorchZipFile.Load(file);
        }

        if (TorchLegacyFile.MayBePickle(head))
        {
            return TorchLegacyFile.Load(file);
        }

        if (head.Length > 262 && head[257..].StartsWith("ustar"u8))
        {
            throw new TorchFormatException(file.Path, "It is a tar archive, as PyTorch wrote before version 0.1.10. Load it with PyTorch and save it again.");
        }

        throw new TorchFormatException(file.Path, head.IsEmpty
            ? "It is empty."
            : $"It is no PyTorch checkpoint: it begins with the bytes {Convert.ToHexString(head[..Math.Min(head.Length, 8)])}, where a zip archive or a pickle is expected.");
    }

    /// <summary>Checkpoints nest the state dict beside an epoch, an optimizer and more; some nest it twice.</summary>
    private static TorchDictionary StateDictOf(object? root)
    {
        const int Deepest = 4;
        TorchDictionary found = root as TorchDictionary ?? new TorchDictionary(isOrderedDict: false);
        for (int i = 0; i < Deepest; i++)
        {
            if ((found.TryGetValue("state_dict", out object? inner) || found.TryGetValue("model", out inner)) && inner is TorchDictionary next)
            {
                found = next;
            }
        }

        return found;
    }

    private OrderedDictionary<string, TorchTensor> Tensors()
    {
        ThrowIfDisposed();
        return tensors;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(file.IsClosed, this);
}
