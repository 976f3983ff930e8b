using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Networks;

public sealed class AttentionModuleTests
{
    private const int Width = 6;
    private const int Heads = 2;

    [Theory]
    [InlineData("in_proj_weight", true, true)]
    [InlineData("in_proj_weight", false, false)]
    [InlineData("q_proj", true, true)]
    [InlineData("q_proj", false, false)]
    public void Self_attention_has_any_of_the_names(string names, bool hasBias, bool batchFirst)
    {
        WeightsMap weights = Projections(names, hasBias, Width, Width);
        HostTensor x = HostTensor.Random(2, -1, 1, 3, 4, Width);
        Grid values = x;
        Grid rows = batchFirst ? values : Swapped(values);
        Grid context = Formulas.Attention(Projected(rows, weights, 0), Projected(rows, weights, 1), Projected(rows, weights, 2), Heads, (_, _, _, _) => 0);
        Grid expected = Formulas.Linear(context, weights["out_proj.weight"], Grid.OrNull(weights["out_proj.bias"]));

        ModuleCheck.Equal(batchFirst ? expected : Swapped(expected), x, (network, input) => network.MultiHeadAttention(input, weights, Heads, batchFirst: batchFirst), openAxes: [0, 1]);
    }

    [Fact]
    public void Keys_and_values_may_have_other_widths()
    {
        WeightsMap weights = Projections("q_proj_weight", true, 5, 7);
        HostTensor query = HostTensor.Random(2, -1, 1, 3, 4, Width);
        HostTensor key = HostTensor.Random(3, -1, 1, 3, 2, 5);
        HostTensor value = HostTensor.Random(4, -1, 1, 3, 2, 7);
        Grid context = Formulas.Attention(Projected(query, weights, 0), Projected(key, weights, 1), Projected(value, weights, 2), Heads, (_, _, _, _) => 0);

        ModuleCheck.Equal(
            [("y", Formulas.Linear(context, weights["out_proj.weight"], weights["out_proj.bias"]))],
            [("q", query), ("k", key), ("v", value)],
            (network, inputs) => [network.MultiHeadAttention(inputs[0], weights, Heads, inputs[1], inputs[2], batchFirst: true)],
            openAxes: [0, 1]);
    }

    [Fact]
    public void Causal_queries_do_not_look_ahead()
    {
        WeightsMap weights = Projections("in_proj_weight", true, Width, Width);
        HostTensor x = HostTensor.Random(2, -1, 1, 3, 4, Width);

        ModuleCheck.Equal(Expected(x, weights, (_, _, l, s) => s > l ? double.NegativeInfinity : 0), x, (network, input) => network.MultiHeadAttention(input, weights, Heads, causal: true, batchFirst: true), openAxes: [0, 1]);
    }

    [Fact]
    public void Masks_forbid_or_add()
    {
        WeightsMap weights = Projections("in_proj_weight", true, Width, Width);
        HostTensor x = HostTensor.Random(2, -1, 1, 3, 4, Width);
        bool[] forbidden = [.. Enumerable.Range(0, 16).Select(i => i % 5 == 1)];
        HostTensor added = HostTensor.Random(5, -2, 2, 3 * Heads, 4, 4);
        Grid numbers = added;
        bool[] padding = [false, false, true, true, false, false, false, false, false, true, false, true];

        ModuleCheck.Equal(
            [
                ("flat", Expected(x, weights, (_, _, l, s) => forbidden[(l * 4) + s] ? double.NegativeInfinity : 0)),
                ("each", Expected(x, weights, (n, h, l, s) => numbers[(n * Heads) + h, l, s])),
                ("padded", Expected(x, weights, (n, _, _, s) => padding[(n * 4) + s] ? double.NegativeInfinity : 0)),
                ("all", Expected(x, weights, (n, h, l, s) => padding[(n * 4) + s] || s > l ? double.NegativeInfinity : numbers[(n * Heads) + h, l, s])),
            ],
            [("x", x), ("forbidden", HostTensor.Of(forbidden, 4, 4)), ("added", added), ("padding", HostTensor.Of(padding, 3, 4))],
            (network, inputs) =>
            [
                network.MultiHeadAttention(inputs[0], weights, Heads, mask: inputs[1], batchFirst: true),
                network.MultiHeadAttention(inputs[0], weights, Heads, mask: inputs[2], batchFirst: true),
                network.MultiHeadAttention(inputs[0], weights, Heads, keyPaddingMask: inputs[3], batchFirst: true),
                network.MultiHeadAttention(inputs[0], weights, Heads, mask: inputs[2], keyPaddingMask: inputs[3], causal: true, batchFirst: true),
            ]);
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        using NetworkRig rig = new();
        WeightsMap weights = new RandomWeights().Add("attn.in_proj_weight", 3 * Width, Width).AddKernel("attn.out_proj", true, Width, Width).Map["attn"];
        ITensor x = rig.Input("x", 2, 3, Width);

        Assert.Contains("\"attn\" was asked for 4 heads", Assert.Throws<ArgumentException>(() => rig.Network.MultiHeadAttention(x, weights, 4)).Message, StringComparison.Ordinal);
        Assert.Contains("\"attn.in_proj_weight\"", Assert.Throws<WeightShapeException>(() => rig.Network.MultiHeadAttention(rig.Input("x2", 2, 3, 5), weights, 1)).Message, StringComparison.Ordinal);
        WeightsMap extra = new RandomWeights().Add("attn.bias_k", 1, 1, Width).Map["attn"];
        Assert.Contains("\"attn.bias_k\"", Assert.Throws<NotSupportedException>(() => rig.Network.MultiHeadAttention(x, extra, 1)).Message, StringComparison.Ordinal);
    }

    private static Grid Expected(Grid x, WeightsMap weights, Func<long, long, long, long, double> added) => Formulas.Linear(
        Formulas.Attention(Projected(x, weights, 0), Projected(x, weights, 1), Projected(x, weights, 2), Heads, added), weights["out_proj.weight"], Grid.OrNull(weights["out_proj.bias"]));

    private static WeightsMap Projections(string names, bool hasBias, long keyWidth, long valueWidth)
    {
        RandomWeights weights = new RandomWeights().AddKernel("attn.out_proj", hasBias, Width, Width);
        if (names == "in_proj_weight")
        {
            weights.Add("attn.in_proj_weight", 3 * Width, Width);
        }
        else if (names == "q_proj_weight")
        {
            weights.Add("attn.q_proj_weight", Width, Width).Add("attn.k_proj_weight", Width, keyWidth).Add("attn.v_proj_weight", Width, valueWidth);
        }
        else
        {
            weights.AddKernel("attn.q_proj", hasBias, Width, Width).AddKernel("attn.k_proj", hasBias, Width, keyWidth).AddKernel("attn.v_proj", hasBias, Width, valueWidth);
        }

        return (hasBias && names != "q_proj" ? weights.Add("attn.in_proj_bias", 3 * Width) : weights).Map["attn"];
    }

    /// <summary>Query (0), key (1) or value (2) of rows, by whichever names there are.</summary>
    private static Grid Projected(Grid x, WeightsMap weights, int part)
    {
        string letter = "qkv"[part].ToString();
        if (weights[letter + "_proj"]["weight"].IsTensor)
        {
            return Formulas.Linear(x, weights[letter + "_proj"]["weight"], Grid.OrNull(weights[letter + "_proj"]["bias"]));
        }

        if (weights["in_proj_weight"].IsTensor)
        {
            return Formulas.Linear(x, weights["in_proj_weight"], Grid.OrNull(weights["in_proj_bias"]), part * Width, Width);
        }

        Grid bias = weights["in_proj_bias"];
        return Formulas.Linear(x, weights[letter + "_proj_weight"], Grid.From([Width], (i, _, _, _) => bias[(part * Width) + i]));
    }

    private static Grid Swapped(Grid x) => Grid.From([x.Shape[1], x.Shape[0], x.Shape[2]], (a, b, c, _) => x[b, a, c]);
}
