using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Masks, lengths and quantization of attention with padded sequences, against sums in the test.</summary>
[Collection(RtxCollection.Name)]
public sealed class AttentionOptionTests
{
    private const int Width = AttentionSums.Width;
    private const int Queries = 3;
    private const int Keys = 4;
    private static readonly float[] Query = AttentionSums.Numbers(2 * Queries * Width, 1);
    private static readonly float[] Key = AttentionSums.Numbers(2 * Keys * Width, 2);
    private static readonly float[] Value = AttentionSums.Numbers(2 * Keys * Width, 3);

    [Fact]
    public void A_mask_of_numbers_is_added_to_the_scores()
    {
        float[] mask = AttentionSums.Numbers(Queries * Keys, 4);
        Check((_, row) => Keys, (attention, network) => attention.Mask = network.AddInput("mask", DataType.Float, [1, 1, Queries, Keys]),
            check => check.Feed("mask", [1, 1, Queries, Keys], mask), row => at => mask[(row * Keys) + at]);
    }

    [Fact]
    public void The_last_query_of_a_lower_right_mask_sees_all_keys() =>
        Check((_, row) => row + 1 + Keys - Queries, (attention, _) => attention.CausalKind = CausalMaskKind.LowerRight);

    [Fact]
    public void The_first_query_of_an_upper_left_mask_sees_one_key() =>
        Check((_, row) => row + 1, (attention, _) => attention.CausalKind = CausalMaskKind.UpperLeft);

    [Fact]
    public void Keys_beyond_the_length_of_their_batch_element_do_not_count() => Check((batch, _) => batch == 0 ? 2 : 4,
        (attention, network) => attention.KeyValueLengths = network.AddInput("lengths", DataType.Int32, [2]),
        check => check.Feed("lengths", [2], new[] { 2, 4 }));

    [Fact]
    public void The_lower_right_corner_is_at_the_last_key_that_counts() => Check((batch, row) => row + 1 + (batch == 0 ? 3 : 4) - Queries, (attention, network) =>
        {
            attention.CausalKind = CausalMaskKind.LowerRight;
            attention.KeyValueLengths = network.AddInput("lengths", DataType.Int32, [2]);
        },
        check => check.Feed("lengths", [2], new[] { 3, 4 }));

    [Fact]
    public void Weights_are_rounded_to_what_they_are_quantized_to()
    {
        const float scale = 0.03125f;
        Check((_, _) => Keys, (attention, network) =>
            {
                attention.NormalizationQuantizeScale = network.AddInput("scale", DataType.Float, [1]);
                attention.NormalizationQuantizeToType = DataType.Int8;
            },
            check => check.Feed("scale", [1], new[] { scale }),
            change: weight => Math.Round(weight / scale, MidpointRounding.ToEven) * scale);
    }

    private static void Check(
        Func<int, int, int> seen, Action<IAttention, INetworkDefinition> configure, Func<LayerCheck, LayerCheck>? feed = null, Func<int, Func<int, double>>? bias = null, Func<double, double>? change = null)
    {
        float[] expected = new float[Query.Length];
        for (int batch = 0; batch < 2; batch++)
        {
            for (int row = 0; row < Queries; row++)
            {
                int place = ((batch * Queries) + row) * Width;
                int At(int key) => ((batch * Keys) + key) * Width;
                AttentionSums.Attend(Query.AsSpan(place, Width), seen(batch, row), at => Key.AsSpan(At(at), Width), at => Value.AsSpan(At(at), Width), bias?.Invoke(row), change)
                    .CopyTo(expected.AsSpan(place));
            }
        }

        LayerCheck check = new LayerCheck((network, _) =>
            {
                ITensor query = network.AddInput("q", DataType.Float, [2, 1, Queries, Width]);
                ITensor key = network.AddInput("k", DataType.Float, [2, 1, Keys, Width]);
                ITensor value = network.AddInput("v", DataType.Float, [2, 1, Keys, Width]);
                IAttention attention = network.AddAttention(query, key, value, AttentionNormalizationOp.Softmax, false);
                configure(attention, network);
                return [attention.GetOutput(0)!];
            })
            {
                Release = "11.1",
                RtxDiffers = "it has kernels for some GPUs and sizes of heads only",
            }
            .Feed("q", [2, 1, Queries, Width], Query)
            .Feed("k", [2, 1, Keys, Width], Key)
            .Feed("v", [2, 1, Keys, Width], Value)
            .Expect([2, 1, Queries, Width], expected, 1e-5);
        (feed?.Invoke(check) ?? check).Run();
    }
}
