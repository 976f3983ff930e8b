using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Attention and key-value caches of sequences without padding between them.</summary>
[Collection(RtxCollection.Name)]
public sealed class PackedAttentionTests
{
    private const int Width = AttentionSums.Width;
    private static readonly int[] QueryBegins = [0, 2, 2, 5];
    private static readonly int[] KeyBegins = [0, 3, 4, 8];

    [Theory]
    [InlineData(CausalMaskKind.None, 2)]
    [InlineData(CausalMaskKind.None, 1)]
    [InlineData(CausalMaskKind.UpperLeft, 2)]
    [InlineData(CausalMaskKind.LowerRight, 1)]
    public void Packed_queries_meet_the_keys_of_their_own_sequence(CausalMaskKind kind, int keyHeads)
    {
        // Three sequences of 2, 0 and 3 tokens, with 3, 1 and 4 keys; one more key belongs to none.
        float[] query = AttentionSums.Numbers(5 * 2 * Width, 1);
        float[] keys = AttentionSums.Numbers(9 * keyHeads * Width, 2);
        float[] values = AttentionSums.Numbers(9 * keyHeads * Width, 3);
        float[] expected = new float[query.Length];
        for (int token = 0; token < 5; token++)
        {
            int sequence = token < 2 ? 0 : 2;
            int place = token - QueryBegins[sequence];
            (int begin, int length) = (KeyBegins[sequence], KeyBegins[sequence + 1] - KeyBegins[sequence]);
            int last = kind == CausalMaskKind.None ? length - 1 : kind == CausalMaskKind.UpperLeft ? place : place + length - (QueryBegins[sequence + 1] - QueryBegins[sequence]);
            for (int head = 0; head < 2; head++)
            {
                int shared = head * keyHeads / 2;
                int row = ((token * 2) + head) * Width;
                int Key(int at) => (((begin + at) * keyHeads) + shared) * Width;
                AttentionSums.Attend(query.AsSpan(row, Width), last + 1, at => keys.AsSpan(Key(at), Width), at => values.AsSpan(Key(at), Width)).CopyTo(expected.AsSpan(row));
            }
        }

        new LayerCheck((network, _) =>
        {
            ITensor q = network.AddInput("q", DataType.Float, [5, 2, Width]);
            ITensor k = network.AddInput("k", DataType.Float, [9, keyHeads, Width]);
            ITensor v = network.AddInput("v", DataType.Float, [9, keyHeads, Width]);
            IAttention attention = network.AddAttentionV2(q, k, v, AttentionNormalizationOp.Softmax, kind);
            (attention.QueryForm, attention.KeyValueForm) = (AttentionIOForm.PackedNhd, AttentionIOForm.PackedNhd);
            attention.QueryLengths = network.AddInput("ql", DataType.Int32, [4]);
            attention.KeyValueLengths = network.AddInput("kl", DataType.Int32, [4]);
            Assert.Equal(AttentionIOForm.PackedNhd, attention.QueryForm);
            return [attention.GetOutput(0)!];
        })
        {
            Release = "11.1",
            RtxDiffers = "it has kernels for some GPUs and sizes of heads only",
        }
        .Feed("q", [5, 2, Width], query)
        .Feed("k", [9, keyHeads, Width], keys)
        .Feed("v", [9, keyHeads, Width], values)
        .Feed("ql", [4], QueryBegins)
        .Feed("kl", [4], KeyBegins)
        .Expect([5, 2, Width], expected, 1e-5)
        .Run();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_mask_is_looked_up_by_sequence_and_the_places_in_it(bool isTruth)
    {
        // Sequences of 1 and 2 tokens with 2 and 3 keys; one mask for each sequence, shared by the heads.
        int[] begins = [0, 1, 3];
        int[] keyBegins = [0, 2, 5];
        float[] query = AttentionSums.Numbers(3 * 2 * Width, 1);
        float[] keys = AttentionSums.Numbers(5 * 2 * Width, 2);
        float[] values = AttentionSums.Numbers(5 * 2 * Width, 3);
        bool[] truths = [true, false, true, true, true, true, false, true, true, true, true, false];
        float[] numbers = AttentionSums.Numbers(12, 4);
        float[] expected = new float[query.Length];
        for (int token = 0; token < 3; token++)
        {
            int sequence = token < 1 ? 0 : 1;
            int mask = ((sequence * 2) + token - begins[sequence]) * 3;
            for (int head = 0; head < 2; head++)
            {
                int row = ((token * 2) + head) * Width;
                int Key(int at) => (((keyBegins[sequence] + at) * 2) + head) * Width;
                AttentionSums.Attend(query.AsSpan(row, Width), keyBegins[sequence + 1] - keyBegins[sequence], at => keys.AsSpan(Key(at), Width), at => values.AsSpan(Key(at), Width),
                    at => !isTruth ? numbers[mask + at] : truths[mask + at] ? 0 : double.NegativeInfinity).CopyTo(expected.AsSpan(row));
            }
        }

        new LayerCheck((network, _) =>
        {
            ITensor q = network.AddInput("q", DataType.Float, [3, 2, Width]);
            ITensor k = network.AddInput("k", DataType.Float, [5, 2, Width]);
            ITensor v = network.AddInput("v", DataType.Float, [5, 2, Width]);
            IAttention attention = network.AddAttention(q, k, v, AttentionNormalizationOp.Softmax, false);
            (attention.QueryForm, attention.KeyValueForm) = (AttentionIOForm.PackedNhd, AttentionIOForm.PackedNhd);
            attention.QueryLengths = network.AddInput("ql", DataType.Int32, [3]);
            attention.KeyValueLengths = network.AddInput("kl", DataType.Int32, [3]);
            attention.Mask = network.AddInput("mask", isTruth ? DataType.Bool : DataType.Float, [2, 1, 2, 3]);
            return [attention.GetOutput(0)!];
        })
        {
            Release = "11.1",
            RtxDiffers = "it has kernels for some GPUs and sizes of heads only",
        }
        .Feed("q", [3, 2, Width], query)
        .Feed("k", [5, 2, Width], keys)
        .Feed("v", [5, 2, Width], values)
        .Feed("ql", [3], begins)
        .Feed("kl", [3], keyBegins)
        .Feed("mask", [2, 1, 2, 3], isTruth ? truths : numbers)
        .Expect([3, 2, Width], expected, 1e-5)
        .Run();
    }

    [Fact]
    public void Packed_queries_meet_a_cache_that_is_filled_to_some_length()
    {
        // Two sequences of 1 and 3 tokens; the cache has room for 4 and holds 2 and 4. The fifth token is of no sequence: it gives 0.
        int[] begins = [0, 1, 4];
        int[] lengths = [2, 4];
        float[] query = AttentionSums.Numbers(5 * Width, 1);
        float[] keys = AttentionSums.Numbers(2 * 4 * Width, 2);
        float[] values = AttentionSums.Numbers(2 * 4 * Width, 3);
        float[] expected = new float[query.Length];
        for (int token = 0; token < 4; token++)
        {
            int sequence = token < 1 ? 0 : 1;
            int last = token - begins[sequence] + lengths[sequence] - (begins[sequence + 1] - begins[sequence]);
            int Key(int at) => ((sequence * 4) + at) * Width;
            AttentionSums.Attend(query.AsSpan(token * Width, Width), last + 1, at => keys.AsSpan(Key(at), Width), at => values.AsSpan(Key(at), Width)).CopyTo(expected.AsSpan(token * Width));
        }

        new LayerCheck((network, _) =>
        {
            ITensor q = network.AddInput("q", DataType.Float, [-1, 1, Width]);
            ITensor k = network.AddInput("k", DataType.Float, [-1, 1, -1, Width]);
            ITensor v = network.AddInput("v", DataType.Float, [-1, 1, -1, Width]);
            IAttention attention = network.AddAttentionV2(q, k, v, AttentionNormalizationOp.Softmax, CausalMaskKind.LowerRight);
            attention.QueryForm = AttentionIOForm.PackedNhd;
            attention.QueryLengths = network.AddInput("ql", DataType.Int32, [-1]);
            attention.KeyValueLengths = network.AddInput("kl", DataType.Int32, [-1]);
            return [attention.GetOutput(0)!];
        })
        {
            Release = "11.1",
            RtxDiffers = "it has kernels for some GPUs and sizes of heads only",
        }
        .Profile("q", [1, 1, Width], [4, 1, Width], [8, 1, Width])
        .Profile("k", [1, 1, 1, Width], [2, 1, 4, Width], [4, 1, 8, Width])
        .Profile("v", [1, 1, 1, Width], [2, 1, 4, Width], [4, 1, 8, Width])
        .Profile("ql", [2], [3], [5])
        .Profile("kl", [1], [2], [4])
        .Feed("q", [5, 1, Width], query)
        .Feed("k", [2, 1, 4, Width], keys)
        .Feed("v", [2, 1, 4, Width], values)
        .Feed("ql", [3], begins)
        .Feed("kl", [2], lengths)
        .Expect([5, 1, Width], expected, 1e-5)
        .Run();
    }

    [Fact]
    public void Packed_keys_need_a_packed_query() => Refused(
        attention => attention.KeyValueForm = AttentionIOForm.PackedNhd, [2, 2, 3, 8], [6, 2, 8], "packed keys and values (kPACKED_NHD) need a packed query");

    [Fact]
    public void Packed_queries_need_their_lengths() => Refused(
        attention => attention.QueryForm = AttentionIOForm.PackedNhd, [6, 2, 8], [2, 2, 3, 8], "queryLengths must be set");

    [Fact]
    public void Lengths_are_32_bit_integers() => Refused(
        attention => attention.QueryLengths = attention.GetInput(0), [2, 2, 3, 8], [2, 2, 3, 8], "lengths have type kINT32");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tokens_without_padding_are_written_from_the_places_of_their_sequences_on(bool isLarger)
    {
        // Sequences of 1 and 2 tokens go to the places 2 and 0; a third row of the cache, if there is one, stays as it is.
        int rows = isLarger ? 3 : 2;
        float[] cache = AttentionSums.Numbers(rows * 4, 1);
        float[] expected = [.. cache];
        (expected[2], expected[4], expected[5]) = (10, 20, 30);
        new LayerCheck((network, _) =>
        {
            ITensor old = network.AddInput("cache", DataType.Float, [rows, 1, 4, 1]);
            ITensor update = network.AddInput("update", DataType.Float, [3, 1, 1]);
            IKVCacheUpdateLayer layer = network.AddKVCacheUpdate(old, update, network.AddInput("places", DataType.Int32, [2]), KVCacheMode.Linear);
            layer.UpdateForm = AttentionIOForm.PackedNhd;
            layer.UpdateLengths = network.AddInput("lengths", DataType.Int32, [3]);
            Assert.Equal(4, layer.NbInputs);
            return [layer.GetOutput(0)];
        })
        {
            Release = "11.1",
        }
        .Feed("cache", [rows, 1, 4, 1], cache)
        .Feed("update", [3, 1, 1], new[] { 10f, 20f, 30f })
        .Feed("places", [2], new[] { 2, 0 })
        .Feed("lengths", [3], new[] { 0, 1, 3 })
        .Expect([rows, 1, 4, 1], expected)
        .Run();
    }

    [Theory]
    [InlineData(false, true, "(Unnamed Layer* 0) [KVCacheUpdate]: updateLengths are for an update in packed form")]
    [InlineData(true, false, "(Unnamed Layer* 0) [KVCacheUpdate]: an update in packed form (kPACKED_NHD) needs updateLengths")]
    [InlineData(false, false, "(Unnamed Layer* 0) [KVCacheUpdate]: the update must have 4 dimensions")]
    public void Form_and_lengths_of_an_update_go_together(bool packed, bool lengths, string text) => new LayerCheck((network, _) =>
        {
            ITensor cache = network.AddInput("cache", DataType.Float, [2, 1, 4, 1]);
            ITensor update = network.AddInput("update", DataType.Float, [3, 1, 1]);
            IKVCacheUpdateLayer layer = network.AddKVCacheUpdate(cache, update, network.AddInput("places", DataType.Int32, [2]), KVCacheMode.Linear);
            layer.UpdateForm = packed ? AttentionIOForm.PackedNhd : AttentionIOForm.PaddedBhnd;
            layer.UpdateLengths = lengths ? network.AddInput("lengths", DataType.Int32, [3]) : null;
            return [layer.GetOutput(0)];
        })
        {
            Release = "11.1",
        }
        .Refused(text);

    private static void Refused(Action<IAttention> configure, Dims query, Dims key, string text) => new LayerCheck((network, _) =>
        {
            ITensor q = network.AddInput("q", DataType.Half, query);
            ITensor k = network.AddInput("k", DataType.Half, key);
            IAttention attention = network.AddAttention(q, k, k, AttentionNormalizationOp.Softmax, false);
            attention.Decomposable = true;
            configure(attention);
            return [attention.GetOutput(0)!];
        })
        {
            Release = "11.1",
        }
        .Refused(text);
}
