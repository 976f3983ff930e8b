using System.Security.Cryptography;

namespace Trt.Cpu;

/// <summary>A plan before it is written anywhere: its beginning, and weights that still lie where the user keeps them.</summary>
internal sealed class PlanImage
{
    private const int Piece = 1 << 26;

    private readonly byte[] head;
    private readonly IReadOnlyList<WeightBlock> blocks;

    /// <param name="head">Everything before the weights, a whole number of alignments long; its checksum is filled in here.</param>
    /// <param name="blocks">Weights in the order of their places.</param>
    /// <param name="weightBytes">Length of the part that they fill.</param>
    public PlanImage(byte[] head, IReadOnlyList<WeightBlock> blocks, long weightBytes)
    {
        this.head = head;
        this.blocks = blocks;
        Length = head.Length + weightBytes;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Visit(hash.AppendData);
        PlanFile.SetHash(head, hash.GetHashAndReset());
    }

    public long Length { get; }

    /// <summary>The plan in one block of memory; weights are copied once.</summary>
    public NativeBlob ToBlob()
    {
        NativeBlob plan = new(Length);
        long at = 0;
        Visit(piece =>
        {
            piece.CopyTo(plan.Span(at, piece.Length));
            at += piece.Length;
        });
        return plan;
    }

    /// <summary>Gives the plan piece by piece, weights from where they are.</summary>
    public unsafe void Visit(Action<ReadOnlySpan<byte>> take)
    {
        take(head);
        long at = head.Length;
        foreach (WeightBlock block in blocks)
        {
            Zeros(at, head.Length + block.Offset, take);
            for (long done = 0; done < block.Bytes; done += Piece)
            {
                take(new ReadOnlySpan<byte>((byte*)block.Address + done, (int)Math.Min(block.Bytes - done, Piece)));
            }

            at = head.Length + block.Offset + block.Bytes;
        }

        Zeros(at, Length, take);
    }

    private static void Zeros(long from, long to, Action<ReadOnlySpan<byte>> take)
    {
        // What fills up alignments is less than one.
        if (to > from)
        {
            take(new byte[to - from]);
        }
    }
}
