namespace Trt.Utils;

/// <summary>
/// What PyTorch writes for a tensor's storage: ("storage", class, key, device, element count), and in legacy files also (key, offset, count) of a view or None.
/// </summary>
/// <param name="Type">Element type by which the storage is named.</param>
/// <param name="Key">The storage's key in the file.</param>
/// <param name="ElementCount">Elements of the whole storage.</param>
/// <param name="ViewOffset">Elements before the part that is meant.</param>
/// <param name="ViewCount">Elements of the part that is meant.</param>
internal sealed record TorchPersistentId(TorchDType Type, string Key, long ElementCount, long ViewOffset, long ViewCount)
{
    /// <summary>Bytes of the whole storage.</summary>
    public long ByteLength => ElementCount * Type.ByteSize();

    /// <summary>The part that is meant, in a storage of the same length.</summary>
    public StorageView In(TorchStorage storage) => new(storage, Type, ViewOffset * Type.ByteSize(), ViewCount * Type.ByteSize());

    public static TorchPersistentId Parse(string path, object?[] id)
    {
        if (id is ["storage", TorchGlobal { Kind: TorchGlobalKind.StorageClass } type, string key, string, long count, ..] && id.Length <= 6 && count >= 0 && count <= long.MaxValue / 16)
        {
            switch (id.Length == 6 ? id[5] : null)
            {
                case null:
                    return new TorchPersistentId(type.Storage, key, count, 0, count);
                case object?[] and [string, long offset, long viewCount] when offset >= 0 && viewCount >= 0 && offset <= count && viewCount <= count - offset:
                    return new TorchPersistentId(type.Storage, key, count, offset, viewCount);
            }
        }

        throw new TorchFormatException(path, "The pickle refers to a storage in a way that PyTorch does not write. The file is damaged or of a kind that is not known.");
    }
}
