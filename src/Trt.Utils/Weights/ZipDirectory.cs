using System.Buffers.Binary;
using System.Text;

namespace Trt.Utils;

/// <summary>
/// Reads the directory of a zip archive (with the 64-bit extension) from mapped memory, so that stored files can be used where they lie. Field layouts are those of PKWARE's
/// APPNOTE, sections 4.3.7, 4.3.12 and 4.3.14 to 4.3.16. Checksums are not compared: PyTorch does not either, and they would force every tensor to be read.
/// </summary>
internal static class ZipDirectory
{
    private const uint LocalSignature = 0x04034b50;
    private const uint EntrySignature = 0x02014b50;
    private const uint EndSignature = 0x06054b50;
    private const uint End64Signature = 0x06064b50;
    private const uint Locator64Signature = 0x07064b50;
    private const int EndSize = 22;
    private const int EntrySize = 46;
    private const int LocalSize = 30;

    /// <summary>Deflate cannot unpack a byte to more than this many (1032, and one block's overhead is nothing).</summary>
    private const long LargestRatio = 1032;

    /// <param name="file">The archive; held by the caller.</param>
    /// <param name="fail">Makes the exception for a damaged archive from a sentence.</param>
    public static Dictionary<string, ZipRecord> Read(MappedFile file, Func<string, Exception> fail)
    {
        (long start, long size, long count) = Locate(file, fail);
        if (start < 0 || size < 0 || start > file.Length - size || count < 0 || count > size / EntrySize)
        {
            throw fail($"The zip directory claims {count} files in {size} bytes at offset {start}, which do not fit in the {file.Length} bytes of the archive. The file is damaged or cut off.");
        }

        Dictionary<string, ZipRecord> records = new(StringComparer.Ordinal);
        long position = start;
        for (long i = 0; i < count; i++)
        {
            ZipRecord record = ReadEntry(file, ref position, start + size, fail);
            if (!records.TryAdd(record.Name, record))
            {
                throw fail($"The zip archive holds \"{PickleText.Shorten(record.Name)}\" twice. The file is damaged.");
            }
        }

        CheckOverlap(records.Values, start, fail);
        return records;
    }

    private static (long Start, long Size, long Count) Locate(MappedFile file, Func<string, Exception> fail)
    {
        int tailLength = (int)Math.Min(file.Length, EndSize + ushort.MaxValue);
        ReadOnlySpan<byte> tail = file.Span(file.Length - tailLength, tailLength);
        for (int i = tailLength - EndSize; i >= 0; i--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail[i..]) != EndSignature || BinaryPrimitives.ReadUInt16LittleEndian(tail[(i + 20)..]) > tailLength - i - EndSize)
            {
                continue;
            }

            ReadOnlySpan<byte> end = tail[i..];
            long count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
            long size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
            long start = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
            return Locate64(file, file.Length - tailLength + i, fail) ?? (start, size, count);
        }

        throw fail("It begins like a zip archive but has no zip directory at its end. The file is damaged or cut off.");
    }

    private static (long Start, long Size, long Count)? Locate64(MappedFile file, long end, Func<string, Exception> fail)
    {
        const int LocatorSize = 20;
        const int RecordSize = 56;
        if (end < LocatorSize || BinaryPrimitives.ReadUInt32LittleEndian(file.Span(end - LocatorSize, 4)) != Locator64Signature)
        {
            return null;
        }

        long at = BinaryPrimitives.ReadInt64LittleEndian(file.Span(end - LocatorSize + 8, 8));
        if (at < 0 || at > file.Length - RecordSize || BinaryPrimitives.ReadUInt32LittleEndian(file.Span(at, 4)) != End64Signature)
        {
            throw fail($"The zip archive's 64-bit directory is not at offset {at}, where it is said to be. The file is damaged.");
        }

        ReadOnlySpan<byte> record = file.Span(at, RecordSize);
        return (BinaryPrimitives.ReadInt64LittleEndian(record[48..]), BinaryPrimitives.ReadInt64LittleEndian(record[40..]), BinaryPrimitives.ReadInt64LittleEndian(record[32..]));
    }

    private static ZipRecord ReadEntry(MappedFile file, ref long position, long end, Func<string, Exception> fail)
    {
        if (position > end - EntrySize || BinaryPrimitives.ReadUInt32LittleEndian(file.Span(position, 4)) != EntrySignature)
        {
            throw fail($"The zip directory is broken at offset {position}. The file is damaged.");
        }

        ReadOnlySpan<byte> fixedPart = file.Span(position, EntrySize);
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[8..]);
        ushort method = BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[10..]);
        long stored = BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[20..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[24..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[28..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[30..]);
        int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[32..]);
        long header = BinaryPrimitives.ReadUInt32LittleEndian(fixedPart[42..]);
        if (position + EntrySize + nameLength + extraLength + commentLength > end)
        {
            throw fail($"The zip directory is broken at offset {position}. The file is damaged.");
        }

        string name = Encoding.UTF8.GetString(file.Span(position + EntrySize, nameLength));
        Widen(file.Span(position + EntrySize + nameLength, extraLength), ref length, ref stored, ref header);
        position += EntrySize + nameLength + extraLength + commentLength;

        string shown = PickleText.Shorten(name);
        if ((flags & 1) != 0)
        {
            throw fail($"\"{shown}\" in the zip archive is encrypted. Decrypt the archive first.");
        }

        if (method is not (0 or 8))
        {
            throw fail($"\"{shown}\" in the zip archive is packed by method {method}; only stored and deflated files can be read. Save it again with torch.save or pack it with deflate.");
        }

        if (header < 0 || header > file.Length - LocalSize || BinaryPrimitives.ReadUInt32LittleEndian(file.Span(header, 4)) != LocalSignature)
        {
            throw fail($"\"{shown}\" is not at offset {header} of the zip archive, where it is said to be. The file is damaged or cut off.");
        }

        ReadOnlySpan<byte> local = file.Span(header, LocalSize);
        long data = header + LocalSize + BinaryPrimitives.ReadUInt16LittleEndian(local[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        if (stored < 0 || length < 0 || data > file.Length - stored)
        {
            throw fail($"\"{shown}\" claims {stored} bytes at offset {data}, but the archive has {file.Length}. The file is damaged or cut off.");
        }

        if (method == 0 ? length != stored : length / LargestRatio > stored)
        {
            throw fail($"\"{shown}\" claims to unpack from {stored} to {length} bytes, which its packing cannot do. The file is damaged.");
        }

        return new ZipRecord(name, header, data, stored, length, method == 8);
    }

    /// <summary>Takes the 64-bit values of the extra field with id 1 for those that the fixed part leaves at their maximum.</summary>
    private static void Widen(ReadOnlySpan<byte> extra, ref long length, ref long stored, ref long header)
    {
        while (extra.Length >= 4)
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            int size = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]), extra.Length - 4);
            ReadOnlySpan<byte> body = extra.Slice(4, size);
            if (id == 1)
            {
                Next(ref body, ref length);
                Next(ref body, ref stored);
                Next(ref body, ref header);
                return;
            }

            extra = extra[(4 + size)..];
        }

        static void Next(ref ReadOnlySpan<byte> body, ref long value)
        {
            if (value == uint.MaxValue && body.Length >= 8)
            {
                value = BinaryPrimitives.ReadInt64LittleEndian(body);
                body = body[8..];
            }
        }
    }

    /// <summary>Files that share bytes are how a small archive pretends to be a large one.</summary>
    private static void CheckOverlap(IEnumerable<ZipRecord> records, long directory, Func<string, Exception> fail)
    {
        ZipRecord? before = null;
        foreach (ZipRecord record in records.OrderBy(record => record.HeaderOffset))
        {
            if (before is not null && before.DataOffset + before.StoredLength > record.HeaderOffset)
            {
                throw fail($"\"{PickleText.Shorten(before.Name)}\" and \"{PickleText.Shorten(record.Name)}\" lie over each other in the zip archive. The file is damaged.");
            }

            before = record;
        }

        if (before is not null && before.DataOffset + before.StoredLength > directory)
        {
            throw fail($"\"{PickleText.Shorten(before.Name)}\" lies over the zip directory. The file is damaged.");
        }
    }
}
