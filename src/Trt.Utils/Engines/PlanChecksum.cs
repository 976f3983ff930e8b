using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Trt.Utils;

/// <summary>Checksum of a plan: SHA-256 over the SHA-256 of each MiB and the length, so that large plans are checked by all processors at once.</summary>
internal sealed class PlanChecksum : IDisposable
{
    private const int Piece = 1 << 20;
    private const int Few = 4;

    private readonly IncrementalHash piece = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash pieces = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int inPiece;

    /// <summary>Bytes so far.</summary>
    public long Length { get; private set; }

    /// <summary>The checksum of bytes in memory, as lower-case hexadecimal digits.</summary>
    /// <param name="address">Where they are.</param>
    /// <param name="length">How many.</param>
    public static unsafe string Of(nint address, long length)
    {
        int count = checked((int)((length + Piece - 1) / Piece));
        byte[] digests = new byte[(count * SHA256.HashSizeInBytes) + sizeof(long)];
        if (count < Few)
        {
            for (int i = 0; i < count; i++)
            {
                One(i);
            }
        }
        else
        {
            Parallel.For(0, count, One);
        }

        BinaryPrimitives.WriteInt64LittleEndian(digests.AsSpan(^sizeof(long)..), length);
        return Convert.ToHexStringLower(SHA256.HashData(digests));

        void One(int i)
        {
            long at = (long)i * Piece;
            SHA256.HashData(new ReadOnlySpan<byte>((byte*)address + at, (int)Math.Min(Piece, length - at)), digests.AsSpan(i * SHA256.HashSizeInBytes));
        }
    }

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            int now = Math.Min(bytes.Length, Piece - inPiece);
            piece.AppendData(bytes[..now]);
            bytes = bytes[now..];
            inPiece += now;
            if (inPiece == Piece)
            {
                EndPiece();
            }
        }
    }

    /// <summary>The checksum of all that was added, as lower-case hexadecimal digits; nothing can be added afterwards.</summary>
    public string Finish()
    {
        if (inPiece > 0)
        {
            EndPiece();
        }

        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, Length);
        pieces.AppendData(length);
        return Convert.ToHexStringLower(pieces.GetHashAndReset());
    }

    public void Dispose()
    {
        piece.Dispose();
        pieces.Dispose();
    }

    private void EndPiece()
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        piece.GetHashAndReset(digest);
        pieces.AppendData(digest);
        inPiece = 0;
    }
}
