using System.Buffers.Binary;
using System.Text;

namespace Trt.Utils.Tests.Weights;

/// <summary>Writes pickles by hand, operation by operation, with the byte values of Python's pickle module.</summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream bytes = new();

    public PickleWriter Raw(params byte[] operations)
    {
        bytes.Write(operations);
        return this;
    }

    public PickleWriter Ascii(string text) => Raw(Encoding.Latin1.GetBytes(text));

    public PickleWriter Proto(byte protocol = 2) => Raw(0x80, protocol);

    public PickleWriter Text(string value)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(value);
        return Raw((byte)'X').Little(utf8.Length).Raw(utf8);
    }

    public PickleWriter Int(int value) => Raw((byte)'J').Little(value);

    public PickleWriter Long(long value)
    {
        byte[] little = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(little, value);
        return Raw(0x8a, 8).Raw(little);
    }

    public PickleWriter Little(int value)
    {
        byte[] little = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(little, value);
        return Raw(little);
    }

    public PickleWriter Little64(ulong value)
    {
        byte[] little = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(little, value);
        return Raw(little);
    }

    public PickleWriter Global(string module, string name) => Ascii($"c{module}\n{name}\n");

    /// <summary>A tuple of 64-bit numbers.</summary>
    public PickleWriter Numbers(params long[] values)
    {
        Ascii("(");
        foreach (long value in values)
        {
            Long(value);
        }

        return Ascii("t");
    }

    /// <summary>What torch.save writes for a storage; in legacy files with the sixth part.</summary>
    public PickleWriter Storage(string type, string key, long count, bool legacy = false)
    {
        string[] name = type.Contains('.') ? [type[..type.LastIndexOf('.')], type[(type.LastIndexOf('.') + 1)..]] : ["torch", type];
        Ascii("(").Text("storage").Global(name[0], name[1]).Text(key).Text("cpu").Long(count);
        return (legacy ? Ascii("N") : this).Ascii("tQ");
    }

    /// <summary>What torch.save writes for a tensor.</summary>
    public PickleWriter Tensor(string storageType, string key, long count, long offset, long[] shape, long[] strides, bool legacy = false) =>
        Global("torch._utils", "_rebuild_tensor_v2").Ascii("(").Storage(storageType, key, count, legacy).Long(offset).Numbers(shape).Numbers(strides)
            .Raw(0x89).Global("collections", "OrderedDict").Ascii(")RtR");

    public byte[] Stop() => Raw((byte)'.').bytes.ToArray();
}
