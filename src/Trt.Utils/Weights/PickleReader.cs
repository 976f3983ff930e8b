using System.Buffers.Binary;

namespace Trt.Utils;

/// <summary>Reads a pickle's operands. Every length is checked against what is left before anything is made from it.</summary>
internal ref struct PickleReader(ReadOnlySpan<byte> data, string path)
{
    private readonly ReadOnlySpan<byte> data = data;
    private readonly string path = path;

    public int Position { readonly get; private set; }

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    public ReadOnlySpan<byte> Take(ulong count)
    {
        Require(count);
        ReadOnlySpan<byte> taken = data.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    /// <summary>Makes sure that as many bytes are left.</summary>
    public readonly void Require(ulong count)
    {
        int left = data.Length - Position;
        if (count > (ulong)left)
        {
            throw new TorchFormatException(path, $"The pickle asks for {count} bytes at its offset {Position}, but only {left} are left. The file is damaged or cut off.");
        }
    }

    /// <summary>The bytes up to the next line feed, which is passed over.</summary>
    public ReadOnlySpan<byte> Line()
    {
        int length = data[Position..].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw new TorchFormatException(path, $"The pickle's line at offset {Position} does not end. The file is damaged or cut off.");
        }

        ReadOnlySpan<byte> line = Take((ulong)length);
        Position++;
        return line;
    }
}
