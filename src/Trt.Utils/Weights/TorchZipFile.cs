namespace Trt.Utils;

/// <summary>
/// The format of torch.save since PyTorch 1.6: a zip archive with <c>NAME/data.pkl</c> for the structure and <c>NAME/data/KEY</c> for each storage, stored uncompressed and aligned.
/// </summary>
internal sealed unsafe class TorchZipFile
{
    private readonly MappedFile file;
    private readonly Dictionary<string, ZipRecord> records;
    private readonly Dictionary<string, TorchStorage> storages = new(StringComparer.Ordinal);
    private readonly string prefix;

    private TorchZipFile(MappedFile file)
    {
        this.file = file;
        records = ZipDirectory.Read(file, problem => Fail(problem));
        const string Structure = "/data.pkl";
        string[] structures = [.. records.Keys.Where(name => name.EndsWith(Structure, StringComparison.Ordinal) && name.IndexOf('/') == name.Length - Structure.Length).Take(2)];
        prefix = structures switch
        {
            [string name] => name[..^"data.pkl".Length],
            [] => throw Fail("It is a zip archive without a data.pkl, so no checkpoint that torch.save wrote."),
            _ => throw Fail("It is a zip archive with more than one data.pkl, so no checkpoint that torch.save wrote."),
        };
    }

    /// <summary>Whether the first bytes are those of a zip archive.</summary>
    public static bool IsZip(ReadOnlySpan<byte> head) => head.StartsWith("PK\x03\x04"u8) || head.StartsWith("PK\x05\x06"u8);

    /// <summary>Reads the structure. The caller holds the file.</summary>
    public static object? Load(MappedFile file) => new TorchZipFile(file).Load();

    private object? Load()
    {
        if (records.ContainsKey(prefix + "constants.pkl"))
        {
            throw Fail("It is a TorchScript archive, which holds a program. Save the module's state_dict() with torch.save and open that file.");
        }

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

        ZipRecord structure = records[prefix + "data.pkl"];
        if (structure.Length > Unpickler.LongestPickle)
        {
            throw Fail($"Its data.pkl has {structure.Length} bytes; {Unpickler.LongestPickle} is the most that is read. Save the tensors without the rest.");
        }

        return new Unpickler(file.Path, FindStorage).Load(Contents(structure), out _);
    }

    private StorageView FindStorage(object?[] id)
    {
        TorchPersistentId wanted = TorchPersistentId.Parse(file.Path, id);
        if (!records.TryGetValue($"{prefix}data/{wanted.Key}", out ZipRecord? record))
        {
            throw Fail($"A tensor refers to the storage \"{PickleText.Shorten(wanted.Key)}\", which is not in the archive. The file is damaged.");
        }

        if (record.Length < wanted.ByteLength)
        {
            throw Fail($"The storage \"{PickleText.Shorten(wanted.Key)}\" should have {wanted.ElementCount} elements of {wanted.Type.TorchName()}, but has only {record.Length} bytes. The file is damaged.");
        }

        if (!storages.TryGetValue(wanted.Key, out TorchStorage? storage))
        {
            storage = TorchStorage.OfRecord(file, wanted.Key, record, record.Length);
            storages.Add(wanted.Key, storage);
        }

        return wanted.In(storage);
    }

    private ReadOnlySpan<byte> Contents(ZipRecord record) => record.IsDeflated
        ? new ReadOnlySpan<byte>(ZipInflater.Inflate(file, record, problem => Fail(problem)), (int)record.Length)
        : file.Span(record.DataOffset, record.Length);

    private TorchFormatException Fail(string problem) => new(file.Path, problem);
}
