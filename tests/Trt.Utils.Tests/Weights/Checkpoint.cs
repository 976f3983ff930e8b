using System.IO.Compression;
using Xunit;

namespace Trt.Utils.Tests.Weights;

/// <summary>Puts checkpoints together around a handmade pickle, and reads all that a checkpoint holds.</summary>
internal static class Checkpoint
{
    public static byte[] Zip(byte[] pickle, params (string Key, byte[] Data)[] storages) => Zip(CompressionLevel.NoCompression, pickle, storages);

    public static byte[] Zip(CompressionLevel level, byte[] pickle, params (string Key, byte[] Data)[] storages) =>
        Archive(level, [("m/data.pkl", pickle), ("m/byteorder", "little"u8.ToArray()), .. storages.Select(storage => ($"m/data/{storage.Key}", storage.Data))]);

    public static byte[] Archive(CompressionLevel level, params (string Name, byte[] Data)[] files)
    {
        MemoryStream stream = new();
        using (ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] data) in files)
            {
                using Stream entry = archive.CreateEntry(name, level).Open();
                entry.Write(data);
            }
        }

        return stream.ToArray();
    }

    /// <summary>The parts of a file from before PyTorch 1.6, with the storages behind.</summary>
    public static byte[] Legacy(byte[] pickle, bool littleEndian = true, params (string Key, long Count, byte[] Data)[] storages)
    {
        PickleWriter keys = new PickleWriter().Proto().Ascii("](");
        foreach ((string key, _, _) in storages)
        {
            keys.Text(key);
        }

        byte[] magic = new PickleWriter().Proto().Raw(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19).Stop();
        byte[] version = new PickleWriter().Proto().Int(1001).Stop();
        byte[] machine = new PickleWriter().Proto().Ascii("}").Text("little_endian").Raw(littleEndian ? (byte)0x88 : (byte)0x89).Ascii("s").Stop();
        return [.. magic, .. version, .. machine, .. pickle, .. keys.Ascii("e").Stop(), .. storages.SelectMany(storage => (byte[])[.. BitConverter.GetBytes(storage.Count), .. storage.Data])];
    }

    /// <summary>Opens bytes as a file, reads every value in it and answers whether that worked; any exception but <see cref="TorchFormatException"/> goes through.</summary>
    public static bool ReadsOrIsRefused(byte[] content)
    {
        using ScratchFile file = new(content);
        try
        {
            using TorchStateDict dict = TorchStateDict.Open(file.Path);
            foreach (TorchTensor tensor in Tensors(dict.Root).Values)
            {
                ReadValues(tensor);
            }

            return true;
        }
        catch (TorchFormatException exception)
        {
            Assert.Equal(file.Path, exception.Path);
            Assert.StartsWith(file.Path, exception.Message, StringComparison.Ordinal);
            return false;
        }
    }

    public static TorchFormatException Refused(byte[] content)
    {
        using ScratchFile file = new(content);
        return Assert.Throws<TorchFormatException>(() => TorchStateDict.Open(file.Path).Dispose());
    }

    /// <summary>All tensors of a graph under their keys joined by slashes. Containers that hold themselves are entered once.</summary>
    public static Dictionary<string, TorchTensor> Tensors(object? root)
    {
        Dictionary<string, TorchTensor> found = new(StringComparer.Ordinal);
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        Stack<(string Path, object? Value)> open = new([("", root)]);
        while (open.TryPop(out (string Path, object? Value) item))
        {
            if (item.Value is TorchTensor tensor)
            {
                found[item.Path] = tensor;
            }
            else if (item.Value is TorchDictionary or IReadOnlyList<object?> && seen.Add(item.Value))
            {
                IEnumerable<(object Key, object? Value)> children = item.Value is TorchDictionary dictionary
                    ? dictionary.Select(entry => (entry.Key, entry.Value))
                    : ((IReadOnlyList<object?>)item.Value).Select((value, index) => ((object)index, value));
                foreach ((object key, object? value) in children)
                {
                    open.Push((item.Path.Length == 0 ? $"{key}" : item.Path.Length < 1000 ? $"{item.Path}/{key}" : item.Path, value));
                }
            }
        }

        return found;
    }

    public static void ReadValues(TorchTensor tensor)
    {
        if (tensor.DType.IsComplex())
        {
            Assert.Throws<NotSupportedException>(() => tensor.ToContiguous());
            return;
        }

        TorchTensor whole = tensor.ToContiguous();
        Assert.Equal(tensor.ByteCount, whole.Bytes.Length);
        Assert.True(whole.Bytes.SequenceEqual(whole.Bytes.ToArray()));
        Assert.Equal(tensor.ElementCount == 0, whole.Pointer == 0);
        Assert.NotEmpty(tensor.ToString());
    }
}
