namespace Trt.Utils;

/// <summary>
/// The index of a model in several files (<c>model.safetensors.index.json</c>, <c>pytorch_model.bin.index.json</c>): its <c>weight_map</c> names for each tensor the file beside the
/// index that holds it.
/// </summary>
internal static class ShardIndex
{
    private const int LongestIndex = 64 << 20;

    /// <summary>Whether the first bytes are those of a JSON object.</summary>
    public static bool IsJson(ReadOnlySpan<byte> head) => head.TrimStart(" \t\r\n"u8).StartsWith("{"u8);

    /// <summary>Opens all shards. The caller holds the index.</summary>
    public static WeightContent Load(MappedFile index)
    {
        if (index.Length > LongestIndex)
        {
            throw new TorchFormatException(index.Path, $"It begins like JSON and has {index.Length} bytes; an index of shards has at most {LongestIndex}.");
        }

        object? root = PlainJson.Parse(index.Span(0, index.Length), index.Path);
        if (root is not TorchDictionary dictionary || !dictionary.TryGetValue("weight_map", out object? value) || value is not TorchDictionary map)
        {
            throw new TorchFormatException(index.Path, "It is JSON without a \"weight_map\", so no index of a sharded model.");
        }

        OrderedDictionary<string, TorchTensor> tensors = new(map.Count, StringComparer.Ordinal);
        Dictionary<string, WeightContent> shards = new(StringComparer.Ordinal);
        List<MappedFile> files = [];
        try
        {
            foreach ((object key, object? place) in map)
            {
                string name = (string)key;
                string shard = place as string ?? throw new TorchFormatException(index.Path, $"Its weight_map gives no file for \"{PickleText.Shorten(name)}\". The file is damaged.");
                if (!shards.TryGetValue(shard, out WeightContent? content))
                {
                    content = Open(index.Path, shard, files);
                    shards.Add(shard, content);
                }

                tensors.Add(name, content.Tensors.TryGetValue(name, out TorchTensor? tensor)
                    ? tensor
                    : throw new TorchFormatException(index.Path, $"Tensor \"{PickleText.Shorten(name)}\" is not in \"{PickleText.Shorten(shard)}\", where it is said to be. The files are not of one model."));
            }
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }

        return new WeightContent(root, tensors, files);
    }

    private static WeightContent Open(string index, string shard, List<MappedFile> files)
    {
        // A plain name stays in the folder; separators of any system, drives, streams and ".." would lead out of it.
        if (shard.Length == 0 || shard is "." or ".." || shard.AsSpan().ContainsAny("/\\:\0"))
        {
            throw new TorchFormatException(index, $"It names the shard \"{PickleText.Shorten(shard)}\", which is no plain file name. Shards must lie beside their index.");
        }

        string path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(index))!, shard);
        MappedFile file;
        try
        {
            file = MappedFile.Open(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TorchFormatException(index, $"It names the shard \"{PickleText.Shorten(shard)}\", which cannot be opened: {exception.Message}", inner: exception);
        }

        files.Add(file);
        return WeightFormat.Read(file, isShard: true);
    }
}
