using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Attention, rotary embedding, key-value caches, experts.</summary>
[Collection(RtxCollection.Name)]
public sealed class AttentionTests
{
    // Two heads of the query, three tokens, two numbers a head.
    private static readonly float[] Query = [1, 0, 0.5f, -1, 2, 1, 0, 1, 1, 1, -0.5f, 0.25f];
    private static readonly float[] Keys = [0.5f, 1, -1, 0.25f, 2, 0, 1, 1, 0, -0.5f, 0.75f, 1];
    private static readonly float[] Values = [1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6];

    [Fact]
    public void Values_are_averaged_by_the_softmax_of_query_times_key() => Check(2, (_, _, _) => true, (_, _) => { });

    [Fact]
    public void Heads_of_the_query_share_those_of_the_keys() => Check(1, (_, _, _) => true, (_, _) => { });

    [Fact]
    public void A_causal_attention_sees_no_later_token() => Check(2, (_, row, column) => column <= row, (attention, _) => attention.Causal = true);

    [Fact]
    public void A_mask_of_booleans_says_what_is_seen() => Check(2, (_, row, column) => (row + column) % 2 == 0, (attention, network) =>
        attention.Mask = network.AddInput("mask", DataType.Bool, [1, 1, 3, 3]), [true, false, true, false, true, false, true, false, true]);

    [Fact]
    public void Its_parameters_can_be_read_back()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [1, 2, 3, 2]);
        IAttention attention = network.AddAttention(x, x, x, AttentionNormalizationOp.Softmax, false);
        Assert.Equal("(Unnamed Layer* 0) [Attention]", attention.Name);
        Assert.Equal(3, attention.NbInputs);
        Assert.Equal(1, attention.NbOutputs);
        Assert.False(attention.Causal);
        Assert.False(attention.Decomposable);
        Assert.Null(attention.Mask);
        Assert.Same(x, attention.GetInput(1));
        Assert.Null(attention.GetInput(3));
        Assert.Equal("(Unnamed Layer* 2) [AttentionOutput]_output", attention.GetOutput(0)!.Name);
        attention.Name = "att";
        Assert.Equal("att_AttentionOutput_output", attention.GetOutput(0)!.Name);
        Assert.Equal(2, network.NbLayers);
        Assert.Same(attention, Assert.IsAssignableFrom<IAttentionInputLayer>(network.GetLayer(0)).Attention);
        attention.Causal = true;
        Assert.Contains("setMask", Assert.Throws<TensorRtException>(() => attention.Mask = x).Message, StringComparison.Ordinal);
        Assert.Equal("(Unnamed Layer* 3) [Identity]", network.AddIdentity(x).Name);
    }

    [Fact]
    public void Heads_must_divide() => new LayerCheck((network, _) =>
        {
            ITensor query = network.AddInput("q", DataType.Float, [1, 4, 3, 2]);
            ITensor key = network.AddInput("k", DataType.Float, [1, 3, 3, 2]);
            IAttention attention = network.AddAttention(query, key, key, AttentionNormalizationOp.Softmax, false);
            attention.Decomposable = true;
            return [attention.GetOutput(0)!];
        })
        .Refused("(Unnamed Layer* 1) [AttentionInput]");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pairs_are_rotated_and_the_rest_is_left(bool interleaved)
    {
        (float cos, float sin) = (0.6f, 0.8f);
        float[] x = [1, 2, 3, 4, 5, 6];
        float[] expected = interleaved
            ? [(cos * 1) - (sin * 2), (sin * 1) + (cos * 2), -4, 3, 5, 6]
            : [(cos * 1) - (sin * 3), -4, (sin * 1) + (cos * 3), 2, 5, 6];
        new LayerCheck((network, weights) =>
        {
            ITensor input = network.AddInput("x", DataType.Float, [1, 1, 1, 6]);
            ITensor places = network.AddInput("p", DataType.Int32, [1, 1]);
            ITensor cosines = network.AddConstant([2, 2], weights(new[] { 1, 1, cos, 0 })).GetOutput(0);
            ITensor sines = network.AddConstant([2, 2], weights(new[] { 0, 0, sin, 1 })).GetOutput(0);
            IRotaryEmbeddingLayer layer = network.AddRotaryEmbedding(input, cosines, sines, interleaved, 4);
            layer.SetInput(3, places);
            return [layer.GetOutput(0)];
        })
        .Feed("x", [1, 1, 1, 6], x)
        .Feed("p", [1, 1], new[] { 1 })
        .Expect([1, 1, 1, 6], expected)
        .Run();
    }

    [Fact]
    public void A_cache_takes_new_tokens_at_each_ones_place() => new LayerCheck((network, _) =>
        {
            ITensor cache = network.AddInput("cache", DataType.Float, [2, 1, 4, 1]);
            ITensor update = network.AddInput("update", DataType.Float, [2, 1, 2, 1]);
            ITensor places = network.AddInput("places", DataType.Int32, [2]);
            return [network.AddKVCacheUpdate(cache, update, places, KVCacheMode.Linear).GetOutput(0)];
        })
        .Feed("cache", [2, 1, 4, 1], new[] { 1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f })
        .Feed("update", [2, 1, 2, 1], new[] { 10f, 20f, 30f, 40f })
        .Feed("places", [2], new[] { 1, 3 })
        .Expect([2, 1, 4, 1], new[] { 1f, 10f, 20f, 4f, 5f, 6f, 7f, 30f })
        .Run();

    [Fact]
    public void The_engine_says_which_input_the_cache_shares_its_memory_with()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor cache = network.AddInput("cache", DataType.Float, [2, 1, 4, 1]);
        ITensor update = network.AddInput("update", DataType.Float, [2, 1, 2, 1]);
        ITensor y = network.AddKVCacheUpdate(cache, update, network.AddInput("places", DataType.Int32, [2]), KVCacheMode.Linear).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        using IBuilder builder = TestLibrary.Current.CreateInferBuilder(new CollectingLogger());
        using IBuilderConfig config = builder.CreateBuilderConfig();
        using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
        using IRuntime runtime = TestLibrary.Current.CreateInferRuntime(new CollectingLogger());
        using ICudaEngine engine = runtime.DeserializeCudaEngine(plan.AsSpan());
        Assert.Equal("cache", engine.GetAliasedInputTensor("y"));
        Assert.Null(engine.GetAliasedInputTensor("cache"));
    }

    [Fact]
    public void A_cache_that_is_no_input_is_refused() => new LayerCheck((network, _) =>
        {
            ITensor cache = network.AddIdentity(network.AddInput("cache", DataType.Float, [2, 1, 4, 1])).GetOutput(0);
            ITensor update = network.AddInput("update", DataType.Float, [2, 1, 2, 1]);
            ITensor places = network.AddInput("places", DataType.Int32, [2]);
            return [network.AddKVCacheUpdate(cache, update, places, KVCacheMode.Linear).GetOutput(0)];
        })
        .Refused("(Unnamed Layer* 1) [KVCacheUpdate]");

    [Fact]
    public void Each_token_has_the_weighted_sum_of_its_experts()
    {
        Half[] gate = [(Half)1f, (Half)(-1f), (Half)2f];
        Half[] up = [(Half)3f, (Half)0.5f, (Half)1f];
        Half[] down = [(Half)1f, (Half)2f, (Half)(-1f)];
        double Expert(int number, double x) => x * (double)up[number] * Silu(x * (double)gate[number]) * (double)down[number];
        new LayerCheck((network, weights) =>
        {
            ITensor states = network.AddInput("x", DataType.Half, [1, 2, 1]);
            ITensor experts = network.AddInput("experts", DataType.Int32, [1, 2, 2]);
            ITensor scores = network.AddInput("scores", DataType.Half, [1, 2, 2]);
            IMoELayer layer = network.AddMoE(states, experts, scores);
            ITensor Constant(Half[] values) => network.AddConstant([3, 1, 1], weights(values)).GetOutput(0);
            layer.SetGatedWeights(Constant(gate), Constant(up), Constant(down), MoEActType.Silu);
            return [layer.GetOutput(0)];
        })
        {
            RtxDiffers = "it has the layer for GPUs of the Blackwell family only",
        }
        .Feed("x", [1, 2, 1], new[] { (Half)1.5f, (Half)(-2f) })
        .Feed("experts", [1, 2, 2], new[] { 0, 2, 1, 0 })
        .Feed("scores", [1, 2, 2], new[] { (Half)0.75f, (Half)0.25f, (Half)0.5f, (Half)0.5f })
        .Expect([1, 2, 1], new[] { (Half)((0.75 * Expert(0, 1.5)) + (0.25 * Expert(2, 1.5))), (Half)((0.5 * Expert(1, -2)) + (0.5 * Expert(0, -2))) }, 5e-3)
        .Run();

        static double Silu(double value) => value / (1 + Math.Exp(-value));
    }

    private static void Check(int keyHeads, Func<int, int, int, bool> sees, Action<IAttention, INetworkDefinition> configure, bool[]? mask = null)
    {
        float[] expected = new float[12];
        for (int head = 0; head < 2; head++)
        {
            int shared = head * keyHeads / 2;
            for (int row = 0; row < 3; row++)
            {
                double[] weights = [.. Enumerable.Range(0, 3).Select(column => !sees(head, row, column) ? 0
                    : Math.Exp(Enumerable.Range(0, 2).Sum(at => Query[(((head * 3) + row) * 2) + at] * Keys[(((shared * 3) + column) * 2) + at])))];
                for (int at = 0; at < 2; at++)
                {
                    expected[(((head * 3) + row) * 2) + at] = (float)(Enumerable.Range(0, 3).Sum(column => weights[column] * Values[(((shared * 3) + column) * 2) + at]) / weights.Sum());
                }
            }
        }

        LayerCheck check = new LayerCheck((network, _) =>
            {
                ITensor query = network.AddInput("q", DataType.Float, [1, 2, 3, 2]);
                ITensor key = network.AddInput("k", DataType.Float, [1, keyHeads, 3, 2]);
                ITensor value = network.AddInput("v", DataType.Float, [1, keyHeads, 3, 2]);
                IAttention attention = network.AddAttention(query, key, value, AttentionNormalizationOp.Softmax, false);
                attention.Decomposable = true;
                configure(attention, network);
                return [attention.GetOutput(0)!];
            })
            .Feed("q", [1, 2, 3, 2], Query)
            .Feed("k", [1, keyHeads, 3, 2], Keys[..(keyHeads * 6)])
            .Feed("v", [1, keyHeads, 3, 2], Values[..(keyHeads * 6)])
            .Expect([1, 2, 3, 2], expected, 1e-5);
        (mask is null ? check : check.Feed("mask", [1, 1, 3, 3], mask)).Run();
    }
}
