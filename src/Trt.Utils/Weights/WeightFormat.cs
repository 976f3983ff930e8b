namespace Trt.Utils;

/// <summary>Tells the formats of weight files apart by their first bytes.</summary>
internal static class WeightFormat
{
    private const int HeadLength = 512;

    /// <summary>Other formats that hold weights, and what to do about them.</summary>
    private static readonly (byte[] Magic, int At, string What)[] Foreign =
    [
        ("ustar"u8.ToArray(), 257, "It is a tar archive, as PyTorch wrote before version 0.1.10. Load it with PyTorch and save it again."),
        ([0x89, .. "HDF\r\n"u8], 0, "It is an HDF5 file, as Keras writes. Save its weights as .npz or .safetensors."),
        ("GGUF"u8.ToArray(), 0, "It is a GGUF file, whose weights are packed in blocks. Use the model's .safetensors files."),
        ([0x1F, 0x8B], 0, "It is packed by gzip. Unpack it first."),
    ];

    /// <summary>Reads a file's structure. The caller holds the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isShard">Whether an index named it, so that it may not be an index itself.</param>
    /// <exception cref="TorchFormatException">It is of no format that is read, or damaged.</exception>
    public static WeightContent Read(MappedFile file, bool isShard = false)
    {
        ReadOnlySpan<byte> head = file.Span(0, Math.Min(file.Length, HeadLength));
        if (TorchZipFile.IsZip(head))
        {
            return ReadZip(file);
        }

        if (SafetensorsHeader.IsSafetensors(head))
        {
            return SafetensorsReader.Load(file);
        }

        if (head.StartsWith(NpyHeader.Magic))
        {
            return NpzWeights.LoadSingle(file);
        }

        if (TorchLegacyFile.MayBePickle(head))
        {
            return Plain(file, NestedStateDict.ContentOf(TorchLegacyFile.Load(file)));
        }

        if (!isShard && ShardIndex.IsJson(head))
        {
            return ShardIndex.Load(file);
        }

        if (WtsFile.MayBeWts(head))
        {
            return WtsFile.Load(file);
        }

        foreach ((byte[] magic, int at, string what) in Foreign)
        {
            if (head.Length >= at && head[at..].StartsWith(magic))
            {
                throw new TorchFormatException(file.Path, what);
            }
        }

        throw new TorchFormatException(file.Path, head.IsEmpty
            ? "It is empty."
            : $"It is no weight file that can be read: it begins with the bytes {Convert.ToHexString(head[..Math.Min(head.Length, 8)])}, where a PyTorch checkpoint, a .safetensors or .npz file, a shard index or a .wts text is expected.");
    }

    private static WeightContent Plain(MappedFile file, WeightContent content)
    {
        PlainValues.Check(file.Path, content.Root);
        return content;
    }

    private static WeightContent ReadZip(MappedFile file)
    {
        Dictionary<string, ZipRecord> records = ZipDirectory.Read(file, problem => new TorchFormatException(file.Path, problem));
        if (TorchZipFile.Prefix(file.Path, records) is string prefix)
        {
            TorchZipFile archive = new(file, records, prefix);
            return Plain(file, archive.IsScript ? TorchScript.Load(archive) : NestedStateDict.ContentOf(archive.Load("data")));
        }

        return NpzWeights.MayBeNpz(records)
            ? NpzWeights.Load(file, records)
            : throw new TorchFormatException(file.Path, "It is a zip archive with neither a data.pkl, as torch.save writes, nor .npy arrays, as NumPy writes.");
    }
}
