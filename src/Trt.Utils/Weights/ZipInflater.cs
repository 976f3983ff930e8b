using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>Unpacks deflated files of a zip archive. Memory grows with what really comes out, never with what is declared.</summary>
internal static unsafe class ZipInflater
{
    private const long FirstCapacity = 1 << 16;

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
