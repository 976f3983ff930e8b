namespace Trt.Utils;

/// <summary>
/// A run of bytes that tensors look at: in the mapped file, packed in it (unpacked when first asked for), or in memory. Thread-safe once the file is read.
/// </summary>
internal sealed unsafe class TorchStorage
{
    private readonly Lock gate = new();
    private readonly Func<nint>? unpack;
    private byte* address;

    private TorchStorage(TensorMemory memory, string key, long byteLength, Func<nint>? unpack = null)
    {
        Memory = memory;
        Key = key;
        ByteLength = byteLength;
        this.unpack = unpack;
    }

    public TensorMemory Memory { get; }

    public string Key { get; }

    public long ByteLength { get; }

    /// <summary>Whether its place in the file is known.</summary>
    public bool IsPlaced => address != null || unpack is not null;

    /// <summary>A file of a zip archive of which the first bytes are the storage.</summary>
    public static TorchStorage OfRecord(MappedFile file, string key, ZipRecord record, long byteLength) => record.IsDeflated
        ? Packed(file, key, byteLength, () => (nint)ZipInflater.Inflate(file, record, problem => new TorchFormatException(file.Path, problem)))
        : At(file, key, file.At(record.DataOffset), byteLength);

    /// <summary>A storage whose place comes later in the file, by <see cref="Place"/>.</summary>
    public static TorchStorage Announced(MappedFile file, string key, long byteLength) => new(file, key, byteLength);

    /// <summary>A storage that is made when it is first asked for, by a function that gives the address of its bytes, which live as long as the memory.</summary>
    public static TorchStorage Packed(TensorMemory memory, string key, long byteLength, Func<nint> unpack) => new(memory, key, byteLength, unpack);

    public static TorchStorage At(TensorMemory memory, string key, byte* address, long byteLength) => new(memory, key, byteLength) { address = address };

    public void Place(byte* first) => address = first;

    /// <summary>The first byte. The caller holds the memory.</summary>
    public byte* Address()
    {
        if (unpack is null)
        {
            return address;
        }

        lock (gate)
        {
            if (address == null)
            {
                address = (byte*)unpack();
            }

            return address;
        }
    }
}
