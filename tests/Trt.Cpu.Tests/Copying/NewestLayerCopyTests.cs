using Trt.Cpu.Tests.Layers;
using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Copying;

/// <summary>Copies of the layers that only the newest releases have keep what setters of their own brought.</summary>
[Collection(RtxCollection.Name)]
public sealed class NewestLayerCopyTests
{
    [Fact]
    public void Experts_keep_weights_biases_and_scale() => Copied(
        (network, weights) =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [1, 1, 1]);
            IMoELayer layer = network.AddMoE(x, network.AddInput("experts", DataType.Int32, [1, 1, 1]), network.AddInput("scores", DataType.Float, [1, 1, 1]));
            ITensor Constant(Dims dims, params float[] values) => network.AddConstant(dims, weights(values)).GetOutput(0);
            layer.SetGatedWeights(Constant([2, 1, 1], 1, 2), Constant([2, 1, 1], 3, 4), Constant([2, 1, 1], 5, 6), MoEActType.None);
            layer.SetGatedBiases(Constant([2, 1], 1, 0.5f), Constant([2, 1], 0, 1), Constant([2, 1], 0, 7));
            layer.SetQuantizationStatic(Constant([], 1), DataType.FP8);
        },
        // (2 · 1 + 0.5) · (4 · 1 + 1) is 12.5, of which 3 bits of fraction leave 12; 12 · 6 + 7 is 79, half of it 39.5.
        check => check.Feed("x", [1, 1, 1], new[] { 1f }).Feed("experts", [1, 1, 1], new[] { 1 }).Feed("scores", [1, 1, 1], new[] { 0.5f }).Expect([1, 1, 1], new[] { 39.5f }));

    [Fact]
    public void Caches_keep_the_form_and_lengths_of_the_update() => Copied(
        (network, _) =>
        {
            ITensor cache = network.AddInput("cache", DataType.Float, [1, 1, 3, 1]);
            IKVCacheUpdateLayer layer = network.AddKVCacheUpdate(cache, network.AddInput("update", DataType.Float, [2, 1, 1]), network.AddInput("places", DataType.Int32, [1]), KVCacheMode.Linear);
            layer.UpdateForm = AttentionIOForm.PackedNhd;
            layer.UpdateLengths = network.AddInput("lengths", DataType.Int32, [2]);
        },
        check => check.Feed("cache", [1, 1, 3, 1], new[] { 1f, 2f, 3f }).Feed("update", [2, 1, 1], new[] { 8f, 9f }).Feed("places", [1], new[] { 1 }).Feed("lengths", [2], new[] { 0, 1 })
            .Expect([1, 1, 3, 1], new[] { 1f, 8f, 3f }));

    [Fact]
    public void Attention_keeps_its_forms_and_lengths() => Copied(
        (network, _) =>
        {
            ITensor value = network.AddInput("v", DataType.Float, [2, 1, 1]);
            ITensor query = network.AddInput("q", DataType.Float, [2, 1, 1]);
            IAttention attention = network.AddAttention(query, query, value, AttentionNormalizationOp.Softmax, false);
            (attention.QueryForm, attention.KeyValueForm) = (AttentionIOForm.PackedNhd, AttentionIOForm.PackedNhd);
            attention.QueryLengths = network.AddInput("lengths", DataType.Int32, [3]);
            attention.KeyValueLengths = attention.QueryLengths;
        },
        // Two sequences of one token: each sees only itself.
        check => check.Feed("v", [2, 1, 1], new[] { 5f, 6f }).Feed("q", [2, 1, 1], new[] { 1f, 2f }).Feed("lengths", [3], new[] { 0, 1, 2 }).Expect([2, 1, 1], new[] { 5f, 6f }));

    [Fact]
    public void Dynamic_quantization_keeps_the_shape_of_its_blocks() => Copied(
        (network, _) =>
        {
            IDynamicQuantizeLayer layer = network.AddDynamicQuantizeV2(network.AddInput("x", DataType.Float, [2, 2]), [2, 1], DataType.FP8, DataType.Float);
            network.AddDequantize(layer.GetOutput(0), layer.GetOutput(1), DataType.Float);
        },
        check => check.Feed("x", [2, 2], new[] { 448f, 1f, 224f, 0.5f }).Expect([2, 2], new[] { 448f, 1f, 224f, 0.5f }));

    private static void Copied(Action<INetworkDefinition, Func<Array, Weights>> define, Func<LayerCheck, LayerCheck> values)
    {
        using TestEngine test = new();
        values(new LayerCheck((network, weights) =>
        {
            INetworkDefinition source = test.Network(NetworkDefinitionCreationFlag.StronglyTyped);
            define(source, weights);
            source.CopyTo(network);
            return [network.GetLayer(network.NbLayers - 1).GetOutput(0)];
        })
        {
            Release = "11.1",
            RtxDiffers = "it has these layers for some GPUs only",
        }).Run();
    }
}
