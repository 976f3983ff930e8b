using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>Unpacks deflated files of a zip archive. Memory grows with what really comes out, never with what is declared.</summary>
internal static unsafe class ZipInflater
{
    private const long FirstCapacity = 1 << 16;

    /// <summary>The first unpacked bytes, fewer where there are not as many. The caller holds the file.</summary>
    public static byte[] InflateHead(MappedFile file, ZipRecord record, int length, Func<string, Exception> fail)
    {
        const int FirstGuess = 1024; // a NumPy header is nearly always 128 bytes long
        try
        {
            using UnmanagedMemoryStream packed = new(file.At(record.DataOffset), record.StoredLength);
            using DeflateStream unpacked = new(packed, CompressionMode.Decompress);
            byte[] head = new byte[Math.Min(length, FirstGuess)];
            int filled = unpacked.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            if (filled == FirstGuess && length > FirstGuess && NpyHeader.LengthOf(head) is > FirstGuess and int needed && needed <= length)
            {
                Array.Resize(ref head, needed);
                filled += unpacked.ReadAtLeast(head.AsSpan(filled), needed - filled, throwOnEndOfStream: false);
            }

            return head[..filled];
        }
        catch (InvalidDataException)
        {
            throw fail($"\"{PickleText.Shorten(record.Name)}\" in the zip archive cannot be unpacked. The file is damaged.");
        }
    }

    /// <summary>The unpacked bytes, in memory that the file owns. The caller holds the file.</summary>
    public static byte* Inflate(MappedFile file, ZipRecord record, Func<string, Exception> fail)
    {
        long capacity = Math.Max(Math.Min(record.Length, FirstCapacity), 1);
        byte* buffer = (byte*)NativeMemory.AlignedAlloc((nuint)capacity, 64);
        try
        {
            using UnmanagedMemoryStream packed = new(file.At(record.DataOffset), record.StoredLength);
            using DeflateStream unpacked = new(packed, CompressionMode.Decompress);
            long filled = 0;
            while (filled < record.Length)
            {
                if (filled == capacity)
                {
                    capacity = Math.Min(capacity * 2, record.Length);
                    buffer = (byte*)NativeMemory.AlignedRealloc(buffer, (nuint)capacity, 64);
                }

                int count = unpacked.Read(new Span<byte>(buffer + filled, (int)Math.Min(capacity - filled, 1 << 20)));
                if (count == 0)
                {
                    throw fail($"\"{PickleText.Shorten(record.Name)}\" unpacks to {filled} bytes, but the zip archive says {record.Length}. The file is damaged or cut off.");
                }

                filled += count;
            }

            if (unpacked.ReadByte() >= 0)
            {
                throw fail($"\"{PickleText.Shorten(record.Name)}\" unpacks to more than the {record.Length} bytes that the zip archive says. The file is damaged.");
            }
        }
        catch (InvalidDataException)
        {
            NativeMemory.AlignedFree(buffer);
            throw fail($"\"{PickleText.Shorten(record.Name)}\" in the zip archive cannot be unpacked. The file is damaged.");
        }
        catch
        {
            NativeMemory.AlignedFree(buffer);
            throw;
        }

        file.Adopt(buffer);
        return buffer;
    }
}
