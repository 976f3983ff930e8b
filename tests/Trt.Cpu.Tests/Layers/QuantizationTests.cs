using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Quantize, dequantize and dynamic quantize layers.</summary>
[Collection(RtxCollection.Name)]
public sealed class QuantizationTests
{
    [Fact]
    public void Halves_are_rounded_to_even_and_the_ends_are_clamped() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [8]);
            ITensor scale = network.AddConstant([], weights(new[] { 0.5f })).GetOutput(0);
            return [network.AddDequantize(network.AddQuantize(x, scale, DataType.Int8).GetOutput(0), scale, DataType.Float).GetOutput(0)];
        })
        .Feed("x", [8], new[] { -0.75f, -0.25f, 0.25f, 0.75f, 1.25f, 1.75f, 100f, -100f })
        .Expect([8], new[] { -1f, 0f, 0f, 1f, 1f, 2f, 63.5f, -64f })
        .Run();

    [Fact]
    public void Each_position_of_an_axis_has_a_scale_of_its_own() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [2, 2]);
            ITensor scale = network.AddConstant([2], weights(new[] { 0.5f, 2f })).GetOutput(0);
            IQuantizeLayer quantize = network.AddQuantize(x, scale, DataType.Int8);
            quantize.Axis = 1;
            return [quantize.GetOutput(0)];
        })
        .Feed("x", [2, 2], new[] { 3f, 3f, -1.1f, 8.9f })
        .Expect([2, 2], new sbyte[] { 6, 2, -2, 4 })
        .Run();

    [Fact]
    public void As_many_scales_as_the_axis_has_positions_are_needed() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [2, 2]);
            ITensor scale = network.AddConstant([3], weights(new[] { 1f, 1f, 1f })).GetOutput(0);
            IQuantizeLayer quantize = network.AddQuantize(x, scale, DataType.Int8);
            quantize.Axis = 1;
            return [quantize.GetOutput(0)];
        })
        .Refused("(Unnamed Layer* 1) [Quantize]");

    [Fact]
    public void Only_real_numbers_are_quantized() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Int32, [2]);
            ITensor scale = network.AddConstant([], weights(new[] { 1f })).GetOutput(0);
            return [network.AddQuantize(x, scale, DataType.Int8).GetOutput(0)];
        })
        .Refused("input has type Int32 but must have type Float, Half, or BFloat16");

    [Fact]
    public void Blocks_of_four_bit_weights_have_scales_of_their_own()
    {
        // Rows of 2: the numbers −8 to 7 and again, packed with the first one in the low half of a byte.
        byte[] packed = [.. Enumerable.Range(0, 16).Select(at => (byte)((Nibble(2 * at) & 15) | ((Nibble((2 * at) + 1) & 15) << 4)))];
        float[] scales = [0.5f, 2f, 1f, 0.25f];
        float[] expected = [.. Enumerable.Range(0, 32).Select(at => Nibble(at) * scales[(at / 2 / 8 * 2) + (at % 2)])];
        new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [16, 16]);
            Weights bytes = weights(packed);
            ITensor values = network.AddConstant([16, 2], new Weights(DataType.Int4, bytes.Values, 32)).GetOutput(0);
            ITensor scale = network.AddConstant([2, 2], weights(scales)).GetOutput(0);
            ITensor real = network.AddDequantize(values, scale, DataType.Float).GetOutput(0);
            return [network.AddMatrixMultiply(x, MatrixOperation.None, real, MatrixOperation.None).GetOutput(0)];
        })
        .Feed("x", [16, 16], Enumerable.Range(0, 256).Select(at => at / 16 == at % 16 ? 1f : 0f).ToArray())
        .Expect([16, 2], expected)
        .Run();

        static int Nibble(int at) => (at % 16) - 8;
    }

    [Fact]
    public void Eight_bit_floats_have_three_bits_of_fraction() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [5]);
            ITensor scale = network.AddConstant([], weights(new[] { 2f })).GetOutput(0);
            return [network.AddDequantize(network.AddQuantize(x, scale, DataType.FP8).GetOutput(0), scale, DataType.Float).GetOutput(0)];
        })
        {
            RtxDiffers = "the GPU that it is asked for has no FP8",
        }
        .Feed("x", [5], new[] { 2f, 2.1f, 34f, 5000f, -0.25f })
        .Expect([5], new[] { 2f, 2f, 32f, 896f, -0.25f })
        .Run();

    [Fact]
    public void Scales_of_blocks_follow_from_their_greatest_numbers() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [1, 4]);
            IDynamicQuantizeLayer quantize = network.AddDynamicQuantizeV2(x, [1, 2], DataType.FP8, DataType.Float);
            ITensor scale = quantize.GetOutput(1);
            return [network.AddDequantize(quantize.GetOutput(0), scale, DataType.Float).GetOutput(0), scale];
        })
        {
            RtxDiffers = "the GPU that it is asked for has no FP8",
        }
        .Feed("x", [1, 4], new[] { 448f, -224f, 0f, 0f })
        .Expect([1, 4], new[] { 448f, -224f, 0f, 0f })
        .Expect([1, 2], new[] { 1f, 0f })
        .Run();

    [Fact]
    public void Types_that_need_hardware_are_refused_when_building() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [2, 16]);
            ITensor scale = network.AddConstant([2, 1], weights(new[] { 1f, 1f })).GetOutput(0);
            return [network.AddDequantize(network.AddQuantize(x, scale, DataType.FP4).GetOutput(0), scale, DataType.Float).GetOutput(0)];
        })
        .Refused("FP4");

    [Fact]
    public void Eight_bit_floats_can_be_joined() => new LayerCheck((network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [2]);
            ITensor scale = network.AddConstant([], weights(new[] { 1f })).GetOutput(0);
            ITensor narrow = network.AddQuantize(x, scale, DataType.FP8).GetOutput(0);
            return [network.AddDequantize(network.AddConcatenation([narrow, narrow]).GetOutput(0), scale, DataType.Float).GetOutput(0)];
        })
        {
            RtxDiffers = "the GPU that it is asked for has no FP8",
        }
        .Feed("x", [2], new[] { 1.5f, -0.875f })
        .Expect([4], new[] { 1.5f, -0.875f, 1.5f, -0.875f })
        .Run();

    [Fact]
    public void A_quantized_constant_is_there_to_be_dequantized() => new LayerCheck((network, weights) =>
            [network.AddIdentity(network.AddConstant([2], weights(new sbyte[] { 1, 2 })).GetOutput(0)).GetOutput(0)])
        .Refused("(Unnamed Layer* 0) [Constant]");

    [Fact]
    public void An_exponential_of_eight_bits_does_not_exist() => new LayerCheck((network, _) =>
            [network.AddUnary(network.AddInput("x", DataType.Int8, [2]), UnaryOperation.Exp).GetOutput(0)])
        .Refused("(Unnamed Layer* 0) [Unary]");

    [Fact]
    public void Rectifiers_take_eight_bits() => new LayerCheck((network, _) =>
            [network.AddActivation(network.AddInput("x", DataType.Int8, [3]), ActivationType.Relu).GetOutput(0)])
        .Feed("x", [3], new sbyte[] { -5, 0, 7 })
        .Expect([3], new sbyte[] { 0, 0, 7 })
        .Run();

    [Fact]
    public void A_cast_makes_no_quantized_type() => new LayerCheck((network, _) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [2]);
            return [network.AddCast(x, DataType.FP8).GetOutput(0)];
        })
        .Refused("FP8");
}
