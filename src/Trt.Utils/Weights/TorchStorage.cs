namespace Trt.Utils;

/// <summary>
/// A run of bytes that tensors look at: in the mapped file, deflated in it (unpacked when first asked for), or a copy. Thread-safe once the file is read.
/// </summary>
internal sealed unsafe class TorchStorage
{
    private readonly Lock gate = new();
    private readonly ZipRecord? deflated;
    private long offset = -1;
    private byte* memory;

    private TorchStorage(MappedFile file, string key, long byteLength, ZipRecord? deflated)
    {
        File = file;
        Key = key;
        ByteLength = byteLength;
        this.deflated = deflated;
    }

    public MappedFile File { get; }

    public string Key { get; }

    public long ByteLength { get; }

    /// <summary>Whether its place in the file is known.</summary>
    public bool IsPlaced => offset >= 0 || deflated is not null || memory != null;

    /// <summary>A file of a zip archive of which the first bytes are the storage.</summary>
    public static TorchStorage OfRecord(MappedFile file, string key, ZipRecord record, long byteLength) =>
        new(file, key, byteLength, record.IsDeflated ? record : null) { offset = record.IsDeflated ? -1 : record.DataOffset };

    /// <summary>A storage whose place comes later in the file, by <see cref="Place"/>.</summary>
    public static TorchStorage Announced(MappedFile file, string key, long byteLength) => new(file, key, byteLength, null);

    public static TorchStorage OfMemory(MappedFile file, string key, byte* memory, long byteLength) => new(file, key, byteLength, null) { memory = memory };

    public void Place(long fileOffset) => offset = fileOffset;

    /// <summary>The first byte. The caller holds the file.</summary>
    public byte* Address()
    {
        if (offset >= 0)
        {
            return File.At(offset);
        }

        lock (gate)
        {
            if (memory == null)
            {
                memory = ZipInflater.Inflate(File, deflated!, problem => new TorchFormatException(File.Path, problem));
            }

            return memory;
        }
    }
}
