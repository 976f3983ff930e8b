using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Trt.Utils.Tests.Engines;

/// <summary>Timing caches of the CPU runtime with given keys, in its own form: magic, number, entries of key, tactic and time, SHA-256.</summary>
internal static class CpuTimingCaches
{
    public static byte[] With(params ReadOnlySpan<int> keys)
    {
        byte[] bytes = new byte[16 + (keys.Length * 28) + 32];
        "TRTCPUTC"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), keys.Length);
        for (int i = 0; i < keys.Length; i++)
        {
            Span<byte> entry = bytes.AsSpan(16 + (i * 28), 28);
            BinaryPrimitives.WriteUInt128BigEndian(entry, (UInt128)keys[i]);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], 1);
            BinaryPrimitives.WriteSingleLittleEndian(entry[24..], 0.5f);
        }

        SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32), bytes.AsSpan(bytes.Length - 32));
        return bytes;
    }

    /// <summary>The keys in such a file, sorted.</summary>
    public static int[] KeysOf(byte[] bytes)
    {
        int[] keys = new int[(bytes.Length - 48) / 28];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = (int)BinaryPrimitives.ReadUInt128BigEndian(bytes.AsSpan(16 + (i * 28)));
        }

        Array.Sort(keys);
        return keys;
    }
}
