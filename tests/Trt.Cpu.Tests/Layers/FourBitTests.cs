using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>4-bit integers in inputs and outputs of a network and in the layers that move them, two to a byte.</summary>
[Collection(RtxCollection.Name)]
public sealed class FourBitTests
{
    private static readonly int[] Six = [-8, 7, 0, -1, 3, -5];

    [Fact]
    public void An_identity_hands_them_on() => new LayerCheck((network, _) => [network.AddIdentity(network.AddInput("x", DataType.Int4, [2, 3])).GetOutput(0)])
        .Feed("x", [2, 3], Int4Pair.Pack(Six))
        .Expect([2, 3], Int4Pair.Pack(Six))
        .Run();

    [Fact]
    public void A_shuffle_changes_their_order() => new LayerCheck((network, _) =>
        {
            IShuffleLayer shuffle = network.AddShuffle(network.AddInput("x", DataType.Int4, [2, 3]));
            Permutation swap = default;
            (swap.Order[0], swap.Order[1]) = (1, 0);
            shuffle.FirstTranspose = swap;
            shuffle.ReshapeDimensions = [6, 1];
            return [shuffle.GetOutput(0)];
        })
        .Feed("x", [2, 3], Int4Pair.Pack(Six))
        .Expect([6, 1], Int4Pair.Pack(-8, -1, 7, 3, 0, -5))
        .Run();

    [Fact]
    public void Several_are_joined() => new LayerCheck((network, _) =>
        {
            ITensor x = network.AddInput("x", DataType.Int4, [1, 2]);
            ITensor z = network.AddInput("z", DataType.Int4, [2, 2]);
            IConcatenationLayer joined = network.AddConcatenation([x, z]);
            joined.Axis = 0;
            return [joined.GetOutput(0)];
        })
        .Feed("x", [1, 2], Int4Pair.Pack(-3, 6))
        .Feed("z", [2, 2], Int4Pair.Pack(1, 2, -8, 7))
        .Expect([3, 2], Int4Pair.Pack(-3, 6, 1, 2, -8, 7))
        .Run();

    [Fact]
    public void Activations_are_rounded_and_clamped_to_them() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [2, 16]);
            ITensor scale = network.AddConstant([1, 16], weights(Enumerable.Repeat(0.5f, 16).ToArray())).GetOutput(0);
            IQuantizeLayer quantize = network.AddQuantize(x, scale, DataType.Int4);
            return [quantize.GetOutput(0), network.AddDequantize(quantize.GetOutput(0), scale, DataType.Float).GetOutput(0)];
        })
        .Feed("x", [2, 16], Enumerable.Range(0, 32).Select(at => (at - 16) * 0.375f).ToArray())
        .Expect([2, 16], Int4Pair.Pack([.. Enumerable.Range(0, 32).Select(Rounded)]))
        .Expect([2, 16], Enumerable.Range(0, 32).Select(at => Rounded(at) * 0.5f).ToArray())
        .Run();

    private static int Rounded(int at) => (int)Math.Clamp(Math.Round((at - 16) * 0.75, MidpointRounding.ToEven), -8, 7);
}
