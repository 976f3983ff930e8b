using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Trt.Utils.Tests.Weights;

/// <summary>
/// What a file says, read with other means than those under test: .NET's JSON and zip. Where they understand a file that was opened, the values must be equal.
/// </summary>
internal static class WeightOracle
{
    public static void CheckSafetensors(byte[] content, TorchStateDict dict)
    {
        int length = (int)BitConverter.ToUInt64(content);
        using JsonDocument header = JsonDocument.Parse(content.AsMemory(8, length));
        JsonProperty[] tensors = [.. header.RootElement.EnumerateObject().Where(property => property.Name != "__metadata__")];
        Assert.Equal(tensors.Length, dict.Count);
        foreach (JsonProperty property in tensors)
        {
            TorchTensor tensor = dict[property.Name];
            int begin = property.Value.GetProperty("data_offsets")[0].GetInt32();
            int end = property.Value.GetProperty("data_offsets")[1].GetInt32();
            Assert.Equal(property.Value.GetProperty("shape").EnumerateArray().Select(item => item.GetInt64()), tensor.Shape.ToArray());
            Assert.Equal(end - begin, tensor.ByteCount);
            if (!tensor.DType.IsComplex())
            {
                Assert.True(tensor.Bytes.SequenceEqual(content.AsSpan((8 + length + begin)..(8 + length + end))), property.Name);
            }
        }
    }

    public static void CheckNpz(byte[] content, TorchStateDict dict)
    {
        foreach ((string name, byte[] entry) in Entries(content))
        {
            string key = name.EndsWith(".npy", StringComparison.Ordinal) ? name[..^4] : name;
            if (dict.TryGetValue(key, out TorchTensor? tensor) && tensor.ElementCount > 0 && (tensor.Strides.SequenceEqual(Contiguous(tensor)) || tensor.ElementCount == 1))
            {
                int header = BitConverter.ToUInt16(entry, 8) + 10;
                if (entry[6] == 1)
                {
                    Assert.True(tensor.ToContiguous().Bytes.SequenceEqual(entry.AsSpan(header, (int)tensor.ByteCount)), key);
                }
            }
        }
    }

    /// <summary>Storages lie in the archive under their keys; views of them have offsets.</summary>
    public static void CheckTorchZip(byte[] content, TorchStateDict dict)
    {
        Dictionary<string, byte[]> entries = Entries(content);
        foreach (TorchTensor tensor in Checkpoint.Tensors(dict.Root).Values)
        {
            if (!tensor.DType.IsComplex() && tensor.ElementCount > 0 && tensor.IsContiguous && entries.FirstOrDefault(entry => entry.Key.EndsWith($"/data/{tensor.StorageKey}", StringComparison.Ordinal)).Value is { } storage)
            {
                Assert.True(tensor.Bytes.SequenceEqual(storage.AsSpan((int)tensor.Offset * tensor.DType.ByteSize(), (int)tensor.ByteCount)), tensor.Name);
            }
        }
    }

    public static void CheckWts(byte[] content, TorchStateDict dict)
    {
        foreach (string line in Encoding.UTF8.GetString(content).Split('\n', '\r'))
        {
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 2 && dict.TryGetValue(words[0], out TorchTensor? tensor) && tensor.ElementCount == words.Length - 2)
            {
                Assert.Equal(words[2..].Select(word => uint.Parse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)), tensor.ToArray<float>().Select(BitConverter.SingleToUInt32Bits));
            }
        }
    }

    /// <summary>All shards that an index names lie in its folder.</summary>
    public static void CheckIndex(byte[] content, TorchStateDict dict)
    {
        using JsonDocument index = JsonDocument.Parse(content);
        foreach (JsonProperty entry in index.RootElement.GetProperty("weight_map").EnumerateObject())
        {
            string shard = entry.Value.GetString()!;
            Assert.Equal(Path.GetFileName(shard), shard);
            Assert.DoesNotContain('\\', shard);
            Assert.True(dict.ContainsKey(entry.Name));
        }
    }

    private static Dictionary<string, byte[]> Entries(byte[] content)
    {
        Dictionary<string, byte[]> entries = new(StringComparer.Ordinal);
        try
        {
            using ZipArchive archive = new(new MemoryStream(content));
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                using MemoryStream bytes = new();
                using Stream stream = entry.Open();
                stream.CopyTo(bytes);
                if (bytes.Length == entry.Length)
                {
                    entries.TryAdd(entry.FullName, bytes.ToArray());
                }
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException or IOException or ArgumentException)
        {
            // .NET checks what is not needed for reading, such as entry names and versions; what it read until then counts.
        }

        return entries;
    }

    private static long[] Contiguous(TorchTensor tensor)
    {
        long[] strides = new long[tensor.Shape.Length];
        long stride = 1;
        for (int i = strides.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= tensor.Shape[i];
        }

        return strides;
    }
}
