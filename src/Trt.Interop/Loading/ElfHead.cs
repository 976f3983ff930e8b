using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Trt.Interop.Loading;

/// <summary>Looks at a Linux library before the system loader maps it: a truncated one would end the process with SIGBUS.</summary>
internal static class ElfHead
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const uint Load = 1;

    /// <summary>Why a file cannot be loaded, or null when nothing speaks against it.</summary>
    /// <remarks>Layout: System V ABI, ELF-64, little endian.</remarks>
    public static string? Refusal(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            Span<byte> header = stackalloc byte[HeaderSize];
            if (file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize || !header.StartsWith("\u007fELF"u8))
            {
                return "it is no ELF file, so no library of Linux";
            }

            if (header[4] != 2 || header[5] != 1)
            {
                return "it is no 64-bit little-endian library";
            }

            ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(header[18..]);
            ushort wanted = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? (ushort)183 : (ushort)62;
            if (machine != wanted)
            {
                return $"it is for another processor (ELF machine {machine}; this process needs {wanted})";
            }

            long needed = Needed(file, BinaryPrimitives.ReadInt64LittleEndian(header[32..]), BinaryPrimitives.ReadUInt16LittleEndian(header[56..]));
            return needed > file.Length ? $"it is truncated: it has {file.Length} bytes and needs {needed}; install it again" : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    private static long Needed(FileStream file, long offset, int count)
    {
        long needed = offset + ((long)count * ProgramHeaderSize);
        if (offset < 0 || needed > file.Length)
        {
            return needed;
        }

        byte[] headers = new byte[count * ProgramHeaderSize];
        file.Position = offset;
        file.ReadExactly(headers);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> one = headers.AsSpan(i * ProgramHeaderSize, ProgramHeaderSize);
            if (BinaryPrimitives.ReadUInt32LittleEndian(one) == Load)
            {
                needed = Math.Max(needed, BinaryPrimitives.ReadInt64LittleEndian(one[8..]) + BinaryPrimitives.ReadInt64LittleEndian(one[32..]));
            }
        }

        return needed;
    }
}
