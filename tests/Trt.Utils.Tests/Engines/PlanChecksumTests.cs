using System.Buffers.Binary;
using System.Security.Cryptography;
using Xunit;

namespace Trt.Utils.Tests.Engines;

public sealed class PlanChecksumTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData((9 << 20) - 3)]
    public unsafe void In_memory_and_piece_by_piece_are_the_sum_of_the_pieces(int length)
    {
        byte[] bytes = MadePlans.Of("checksum", length);
        List<byte> digests = [];
        foreach (byte[] piece in bytes.Chunk(1 << 20))
        {
            digests.AddRange(SHA256.HashData(piece));
        }

        byte[] end = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(end, length);
        string expected = Convert.ToHexStringLower(SHA256.HashData([.. digests, .. end]));

        fixed (byte* address = bytes)
        {
            Assert.Equal(expected, PlanChecksum.Of((nint)address, length));
        }

        foreach (int step in new[] { 777_777, 1 << 20, 3_000_000 })
        {
            using PlanChecksum sum = new();
            for (int at = 0; at < length; at += step)
            {
                sum.Append(bytes.AsSpan(at, Math.Min(step, length - at)));
            }

            Assert.Equal(length, sum.Length);
            Assert.Equal(expected, sum.Finish());
        }
    }
}
