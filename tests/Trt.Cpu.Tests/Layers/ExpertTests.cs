using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Mixtures of experts with biases, limits and quantized results of the gated units. One token, one number in, two numbers between, one out.</summary>
[Collection(RtxCollection.Name)]
public sealed class ExpertTests
{
    private static readonly float[] Gate = [1.5f, -2f, 0.75f, 1f];
    private static readonly float[] Up = [3f, 0.5f, -1f, 2f];
    private static readonly float[] Down = [1f, 2f, -1f, 0.5f];
    private static readonly float[] GateBias = [0.5f, -0.25f, 1f, 0f];
    private static readonly float[] UpBias = [-1f, 0.125f, 0.5f, 3f];
    private static readonly float[] DownBias = [0.25f, -4f];

    [Fact]
    public void Each_expert_has_biases_of_its_own() => Check((layer, network, weights) => AddBiases(layer, network, weights),
        (expert, x) => Sum(expert, at => Unit(expert, at, x, true, double.PositiveInfinity, 1, 0)) + DownBias[expert]);

    [Fact]
    public void Without_an_activation_gate_and_up_projection_are_multiplied() => Check((layer, _, _) => layer.ActivationType = MoEActType.None,
        (expert, x) => Sum(expert, at => x * Gate[(expert * 2) + at] * x * Up[(expert * 2) + at]));

    [Fact]
    public void A_limit_bounds_the_gate_above_and_the_rest_on_both_sides() => Check((layer, network, weights) =>
        {
            AddBiases(layer, network, weights);
            layer.SetSwigluParams(2, 1.702f, 1);
            Assert.Equal((2f, 1.702f, 1f), (layer.SwigluParamLimit, layer.SwigluParamAlpha, layer.SwigluParamBeta));
        },
        (expert, x) => Sum(expert, at => Unit(expert, at, x, true, 2, 1.702, 1)) + DownBias[expert]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Results_of_the_units_are_rounded_to_eight_bit_floats(bool perExpert)
    {
        float[] scales = perExpert ? [0.25f, 0.5f] : [0.25f];
        Check((layer, network, weights) =>
            {
                layer.SetQuantizationStatic(network.AddConstant(perExpert ? [2] : [], weights(scales)).GetOutput(0), DataType.FP8);
                Assert.Equal(DataType.FP8, layer.QuantizationToType);
                Assert.Equal(10, layer.NbInputs);
            },
            (expert, x) => Sum(expert, at => Rounded(Unit(expert, at, x, false, double.PositiveInfinity, 1, 0), scales[perExpert ? expert : 0])));
    }

    [Fact]
    public void Only_static_quantization_to_eight_bit_floats_is_taken()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [1, 1, 1]);
        IMoELayer layer = network.AddMoE(x, network.AddInput("experts", DataType.Int32, [1, 1, 1]), x);
        ITensor scale = network.AddInput("scale", DataType.Float, []);
        layer.SetQuantizationStatic(scale, DataType.Int8);
        layer.SetQuantizationStatic(x, DataType.FP8);
        layer.SetQuantizationDynamicDblQ(scale, DataType.FP8, [1, 1, 1, 16], DataType.FP8);
        Assert.Equal(DataType.Float, layer.QuantizationToType);
        Assert.Equal(3, layer.NbInputs);
        Assert.Equal(3, test.Log.Errors.Count());
        Assert.All(test.Log.Errors, line => Assert.Contains("Error Code 3: API Usage Error (Parameter check failed", line, StringComparison.Ordinal));
    }

    private static void AddBiases(IMoELayer layer, INetworkDefinition network, Func<Array, Weights> weights) => layer.SetGatedBiases(
        network.AddConstant([2, 2], weights(GateBias)).GetOutput(0), network.AddConstant([2, 2], weights(UpBias)).GetOutput(0), network.AddConstant([2, 1], weights(DownBias)).GetOutput(0));

    private static double Unit(int expert, int at, double x, bool biased, double limit, double alpha, double beta)
    {
        int place = (expert * 2) + at;
        double gate = Math.Min((x * Gate[place]) + (biased ? GateBias[place] : 0), limit);
        double up = Math.Clamp((x * Up[place]) + (biased ? UpBias[place] : 0), -limit, limit);
        return gate / (1 + Math.Exp(-alpha * gate)) * (up + beta);
    }

    private static double Sum(int expert, Func<int, double> unit) => (unit(0) * Down[expert * 2]) + (unit(1) * Down[(expert * 2) + 1]);

    /// <summary>To 3 bits of fraction, ties to even.</summary>
    private static double Rounded(double value, double scale)
    {
        double ulp = Math.Pow(2, Math.Floor(Math.Log2(Math.Abs(value / scale))) - 3);
        return Math.Round(value / scale / ulp, MidpointRounding.ToEven) * ulp * scale;
    }

    private static void Check(Action<IMoELayer, INetworkDefinition, Func<Array, Weights>> configure, Func<int, double, double> expert)
    {
        float[] x = [1.25f, -2f];
        new LayerCheck((network, weights) =>
        {
            ITensor states = network.AddInput("x", DataType.Float, [1, 2, 1]);
            IMoELayer layer = network.AddMoE(states, network.AddInput("experts", DataType.Int32, [1, 2, 2]), network.AddInput("scores", DataType.Float, [1, 2, 2]));
            ITensor Constant(float[] values, Dims dims) => network.AddConstant(dims, weights(values)).GetOutput(0);
            layer.SetGatedWeights(Constant(Gate, [2, 1, 2]), Constant(Up, [2, 1, 2]), Constant(Down, [2, 2, 1]), MoEActType.Silu);
            configure(layer, network, weights);
            return [layer.GetOutput(0)];
        })
        {
            RtxDiffers = "it has the layer for GPUs of the Blackwell family only",
        }
        .Feed("x", [1, 2, 1], x)
        .Feed("experts", [1, 2, 2], new[] { 0, 1, 1, 0 })
        .Feed("scores", [1, 2, 2], new[] { 0.75f, 0.25f, 1f, 0f })
        .Expect([1, 2, 1], new[] { (float)((0.75 * expert(0, x[0])) + (0.25 * expert(1, x[0]))), (float)expert(1, x[1]) }, 1e-5)
        .Run();
    }
}
