namespace Trt.Utils;

/// <summary>
/// The format of torch.save since PyTorch 1.6, and of TorchScript: a zip archive with <c>NAME/data.pkl</c> for the structure and <c>NAME/data/KEY</c> for each storage, stored
/// uncompressed and aligned. TorchScript adds <c>constants.pkl</c> with storages of its own, and a program, which is not read.
/// </summary>
internal sealed unsafe class TorchZipFile
{
    private readonly MappedFile file;
    private readonly Dictionary<string, ZipRecord> records;
    private readonly Dictionary<string, TorchStorage> storages = new(StringComparer.Ordinal);
    private readonly string prefix;

    public TorchZipFile(MappedFile file, Dictionary<string, ZipRecord> records, string prefix)
    {
        this.file = file;
        this.records = records;
        this.prefix = prefix;
        CheckByteOrder();
    }

    public string Path => file.Path;

    /// <summary>Bytes of data.pkl.</summary>
    public long StructureLength => records[$"{prefix}data.pkl"].Length;

    /// <summary>Whether it holds a TorchScript program.</summary>
    public bool IsScript => Has("constants");

    /// <summary>Whether the first bytes are those of a zip archive.</summary>
    public static bool IsZip(ReadOnlySpan<byte> head) => head.StartsWith("PK\x03\x04"u8) || head.StartsWith("PK\x05\x06"u8);

    /// <summary>The folder that holds data.pkl, with a slash at its end; null where there is none.</summary>
    public static string? Prefix(string path, Dictionary<string, ZipRecord> records)
    {
        const string Structure = "/data.pkl";
        string[] structures = [.. records.Keys.Where(name => name.EndsWith(Structure, StringComparison.Ordinal) && name.IndexOf('/') == name.Length - Structure.Length).Take(2)];
        return structures switch
        {
            [string name] => name[..^"data.pkl".Length],
            [] => null,
            _ => throw new TorchFormatException(path, "It is a zip archive with more than one data.pkl, so no checkpoint that torch.save wrote."),
        };
    }

    public bool Has(string name) => records.ContainsKey($"{prefix}{name}.pkl");

    /// <summary>Reads a pickle with storages in the folder of its name. The caller holds the file.</summary>
    public object? Load(string name)
    {
        ZipRecord structure = records[$"{prefix}{name}.pkl"];
        if (structure.Length > Unpickler.LongestPickle)
        {
            throw Fail($"Its {name}.pkl has {structure.Length} bytes; {Unpickler.LongestPickle} is the most that is read. Save the tensors without the rest.");
        }

        return new Unpickler(file.Path, id => FindStorage(name, id), IsScript).Load(Contents(structure), out _);
    }

    private void CheckByteOrder()
    {
        if (records.TryGetValue(prefix + "byteorder", out ZipRecord? order))
        {
            ReadOnlySpan<byte> value = order.Length <= 16 ? Contents(order) : [];
            if (!value.SequenceEqual("little"u8))
            {
                throw Fail(value.SequenceEqual("big"u8)
                    ? "Its numbers are big-endian. Load it with PyTorch and save it on a little-endian machine."
                    : "Its byteorder entry is neither \"little\" nor \"big\". The file is damaged.");
            }
        }
    }

    private StorageView FindStorage(string folder, object?[] id)
    {
        TorchPersistentId wanted = TorchPersistentId.Parse(file.Path, id);
        string key = folder == "data" ? wanted.Key : $"{folder}/{wanted.Key}";
        if (!records.TryGetValue($"{prefix}{folder}/{wanted.Key}", out ZipRecord? record))
        {
            throw Fail($"A tensor refers to the storage \"{PickleText.Shorten(key)}\", which is not in the archive. The file is damaged.");
        }

        if (record.Length < wanted.ByteLength)
        {
            throw Fail($"The storage \"{PickleText.Shorten(key)}\" should have {wanted.ElementCount} elements of {wanted.Type.TorchName()}, but has only {record.Length} bytes. The file is damaged.");
        }

        if (!storages.TryGetValue(key, out TorchStorage? storage))
        {
            storage = TorchStorage.OfRecord(file, key, record, record.Length);
            storages.Add(key, storage);
        }

        return wanted.In(storage);
    }

    private ReadOnlySpan<byte> Contents(ZipRecord record) => record.IsDeflated
        ? new ReadOnlySpan<byte>(ZipInflater.Inflate(file, record, problem => Fail(problem)), (int)record.Length)
        : file.Span(record.DataOffset, record.Length);

    private TorchFormatException Fail(string problem) => new(file.Path, problem);
}
