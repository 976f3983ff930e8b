using System.Buffers.Binary;
using System.Text;

namespace Trt.Benchmarks;

/// <summary>
/// Writes a checkpoint as torch.save does: a zip archive with a pickle of an ordered dictionary and a stored entry for each tensor, padded so that its data begins at a multiple of 64.
/// All tensors hold the same numbers, so that the checksum is computed once.
/// </summary>
internal sealed class CheckpointFile : IDisposable
{
    private const int Alignment = 64;
    private const int Rows = 1024;

    private readonly FileStream file;
    private readonly MemoryStream directory = new();
    private int entries;

    private CheckpointFile(string path) => file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);

    /// <summary>Writes <paramref name="count"/> matrices of <paramref name="megabytes"/> MB each.</summary>
    public static void Write(string path, int count, int megabytes)
    {
        float[] values = new float[megabytes << 18];
        Random random = new(1);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (random.NextSingle() - 0.5f) / 16;
        }

        byte[] data = new byte[values.Length * sizeof(float)];
        Buffer.BlockCopy(values, 0, data, 0, data.Length);
        uint checksum = Crc32(data);
        byte[] pickle = Pickle(count, values.Length);
        using CheckpointFile checkpoint = new(path);
        checkpoint.Entry("model/data.pkl", pickle, Crc32(pickle));
        for (int i = 0; i < count; i++)
        {
            checkpoint.Entry($"model/data/{i}", data, checksum);
        }

        byte[] version = "3\n"u8.ToArray();
        checkpoint.Entry("model/version", version, Crc32(version));
        checkpoint.End();
    }

    public void Dispose()
    {
        file.Dispose();
        directory.Dispose();
    }

    /// <summary>PKWARE's APPNOTE, 4.3.7 and 4.3.12; the padding is an extra field, as PyTorch makes it.</summary>
    private void Entry(string name, byte[] data, uint checksum)
    {
        const int LocalLength = 30;
        byte[] text = Encoding.ASCII.GetBytes(name);
        long header = file.Position;
        int padding = (int)(Alignment - ((header + LocalLength + text.Length + 4) % Alignment));
        byte[] common = new byte[22]; // flags, method, time, date, checksum, sizes: the same in both places
        BinaryPrimitives.WriteUInt16LittleEndian(common.AsSpan(6), 0x21);
        BinaryPrimitives.WriteUInt32LittleEndian(common.AsSpan(8), checksum);
        BinaryPrimitives.WriteInt32LittleEndian(common.AsSpan(12), data.Length);
        BinaryPrimitives.WriteInt32LittleEndian(common.AsSpan(16), data.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(common.AsSpan(20), (ushort)text.Length);

        file.Write("PK\x03\x04\0\0"u8);
        file.Write(common);
        Short(file, 4 + padding);
        file.Write(text);
        file.Write("FB"u8);
        Short(file, padding);
        file.Write(new byte[padding]);
        file.Write(data);

        directory.Write("PK\x01\x02\0\0\0\0"u8);
        directory.Write(common);
        directory.Write(new byte[12]); // extra, comment, disk, attributes
        Int(directory, (uint)header);
        directory.Write(text);
        entries++;
    }

    private void End()
    {
        uint start = (uint)file.Position;
        file.Write(directory.GetBuffer(), 0, (int)directory.Length);
        file.Write("PK\x05\x06\0\0\0\0"u8);
        Short(file, entries);
        Short(file, entries);
        Int(file, (uint)directory.Length);
        Int(file, start);
        Short(file, 0);
    }

    private static byte[] Pickle(int count, int elements)
    {
        using MemoryStream pickle = new();
        Ascii("\u0080\u0002ccollections\nOrderedDict\n)R(");
        for (int i = 0; i < count; i++)
        {
            Text($"layer{i}.weight");
            Ascii("ctorch._utils\n_rebuild_tensor_v2\n((");
            Text("storage");
            Ascii("ctorch\nFloatStorage\n");
            Text($"{i}");
            Text("cpu");
            Number(elements);
            Ascii("tQK\0");
            Number(Rows);
            Number(elements / Rows);
            Ascii("\u0086");
            Number(elements / Rows);
            Ascii("K\u0001\u0086\u0089ccollections\nOrderedDict\n)RtR");
        }

        Ascii("u.");
        return pickle.ToArray();

        void Ascii(string text) => pickle.Write(Encoding.Latin1.GetBytes(text));
        void Number(int value)
        {
            Ascii("J");
            Int(pickle, (uint)value);
        }

        void Text(string text)
        {
            Ascii("X");
            Int(pickle, (uint)text.Length);
            Ascii(text);
        }
    }

    private static void Short(Stream stream, int value) => stream.Write([(byte)value, (byte)(value >> 8)]);

    private static void Int(Stream stream, uint value) => stream.Write([(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)]);

    private static uint Crc32(ReadOnlySpan<byte> data)
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint entry = i;
            for (int bit = 0; bit < 8; bit++)
            {
                entry = (entry >> 1) ^ ((entry & 1) != 0 ? 0xEDB88320 : 0);
            }

            table[i] = entry;
        }

        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc = (crc >> 8) ^ table[(byte)(crc ^ value)];
        }

        return ~crc;
    }
}
