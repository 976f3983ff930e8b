using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;

namespace Trt.Utils;

/// <summary>A NumPy archive (<c>.npz</c>), or a single array (<c>.npy</c>) under its file's name, mapped into memory.</summary>
/// <remarks>
/// Opening reads the archive's directory; an array's header is read, and a compressed array unpacked, when it is first asked for. Arrays of Python objects are refused, so nothing
/// of a file is ever run. Any number of threads may read at once. Dispose ends all spans that were handed out.
/// </remarks>
public sealed unsafe class NpzFile : IReadOnlyDictionary<string, NpzArray>, IDisposable
{
    private const string Suffix = ".npy";

    private readonly Lock gate = new();
    private readonly MappedFile file;
    private readonly OrderedDictionary<string, ZipRecord?> records = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NpzArray> arrays = new(StringComparer.Ordinal);

    private NpzFile(MappedFile file)
    {
        this.file = file;
        ReadOnlySpan<byte> head = file.Span(0, Math.Min(file.Length, 16));
        if (head.StartsWith(NpyHeader.Magic))
        {
            records.Add(System.IO.Path.GetFileNameWithoutExtension(file.Path), null);
            return;
        }

        if (!TorchZipFile.IsZip(head))
        {
            throw new NpzFormatException(file.Path, "It is neither a NumPy archive (.npz) nor a NumPy array (.npy).");
        }

        foreach (ZipRecord record in ZipDirectory.Read(file, problem => new NpzFormatException(file.Path, problem)).Values.OrderBy(record => record.HeaderOffset))
        {
            string name = record.Name.EndsWith(Suffix, StringComparison.Ordinal) ? record.Name[..^Suffix.Length] : record.Name;
            if (!record.Name.EndsWith('/') && !records.TryAdd(name, record))
            {
                throw new NpzFormatException(file.Path, $"It holds \"{PickleText.Shorten(name)}\" twice. The file is damaged.");
            }
        }
    }

    /// <summary>The file, as it was given to <see cref="Open(string)"/>.</summary>
    public string Path => file.Path;

    /// <summary>How many arrays there are.</summary>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public int Count => Records().Count;

    /// <summary>The arrays' names, in the file's order.</summary>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public IEnumerable<string> Keys => Records().Keys;

    /// <summary>The arrays, in the file's order.</summary>
    /// <exception cref="NpzFormatException">An array is damaged or of a type that cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public IEnumerable<NpzArray> Values => Records().Keys.Select(Array);

    /// <summary>An array by its name.</summary>
    /// <param name="key">The name, without <c>.npy</c>.</param>
    /// <exception cref="KeyNotFoundException">There is no array of that name; the message lists names that there are.</exception>
    /// <exception cref="NpzFormatException">The array is damaged or of a type that cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public NpzArray this[string key] => TryGetValue(key, out NpzArray? array)
        ? array
        : throw new KeyNotFoundException($"{Path} has no array \"{key}\". It has {records.Count}: {string.Join(", ", records.Keys.Take(20))}{(records.Count > 20 ? ", …" : "")}.");

    /// <summary>Opens a file.</summary>
    /// <param name="path">An <c>.npz</c> or <c>.npy</c> file; its first bytes decide which, not its name.</param>
    /// <returns>The arrays, owned by the caller.</returns>
    /// <exception cref="NpzFormatException">The file is damaged or of another kind.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read, or is a folder.</exception>
    public static NpzFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new NpzFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes an archive. It appears under its name only when it is whole; tensors are written one by one from where they lie.</summary>
    /// <param name="path">The file; one of that name is replaced.</param>
    /// <param name="tensors">The tensors by name: all element types that NumPy has, any strides.</param>
    /// <param name="compression">How hard to pack; stored arrays can be mapped when they are read again.</param>
    /// <exception cref="NotSupportedException">A tensor is bfloat16, float8 or complex, which NumPy has no types for; nothing is written then.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it and says what to do.</exception>
    /// <exception cref="ObjectDisposedException">The file of a tensor has been disposed.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, TorchTensor> tensors, CompressionLevel compression = CompressionLevel.NoCompression)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        TensorOutput.WriteFile(path, stream => NpzWriter.Write(stream, tensors, compression));
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => Records().ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out NpzArray value)
    {
        value = Records().ContainsKey(key) ? Array(key) : null;
        return value is not null;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, NpzArray>> GetEnumerator() => Records().Keys.Select(name => KeyValuePair.Create(name, Array(name))).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Unmaps the file. A second call does nothing; copies that other threads are making are finished first.</summary>
    public void Dispose() => file.Dispose();

    private OrderedDictionary<string, ZipRecord?> Records()
    {
        ObjectDisposedException.ThrowIf(file.IsClosed, this);
        return records;
    }

    private NpzArray Array(string name)
    {
        file.Acquire(this);
        try
        {
            lock (gate)
            {
                if (!arrays.TryGetValue(name, out NpzArray? array))
                {
                    array = Read(name, records[name]);
                    arrays.Add(name, array);
                }

                return array;
            }
        }
        finally
        {
            file.Release();
        }
    }

    private NpzArray Read(string name, ZipRecord? record)
    {
        byte* start = record switch
        {
            null => file.At(0),
            { IsDeflated: true } => ZipInflater.Inflate(file, record, problem => new NpzFormatException(file.Path, problem)),
            _ => file.At(record.DataOffset),
        };
        long length = record?.Length ?? file.Length;
        const int LongestHeader = 1 << 20;
        NpyHeader header = NpyHeader.Parse(new ReadOnlySpan<byte>(start, (int)Math.Min(length, LongestHeader)), Fail);

        long count = 1;
        foreach (long dimension in header.Shape)
        {
            count = TensorShape.Multiply(count, dimension);
        }

        if (TensorShape.Multiply(count, header.ElementSize) > length - header.Length)
        {
            throw Fail($"should have the shape [{string.Join(", ", header.Shape)}] of {header.DType}, but only {length - header.Length} bytes follow its header. The file is damaged or cut off.");
        }

        return new NpzArray(file, name, header, start + header.Length, count);

        NpzFormatException Fail(string problem) => new(file.Path, $"The array \"{PickleText.Shorten(name)}\" {problem}");
    }
}
