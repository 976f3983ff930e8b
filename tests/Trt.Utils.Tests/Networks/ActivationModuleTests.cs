using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Networks;

public sealed class ActivationModuleTests
{
    private static readonly Dictionary<string, (Func<double, double> Formula, Func<INetworkDefinition, ITensor, ITensor> Module)> Known = new()
    {
        ["ReLU"] = (x => Math.Max(x, 0), (network, x) => network.Relu(x)),
        ["ReLU6"] = (x => Math.Clamp(x, 0, 6), (network, x) => network.Relu6(x)),
        ["LeakyReLU"] = (x => x > 0 ? x : 0.2 * x, (network, x) => network.LeakyRelu(x, 0.2f)),
        ["ELU"] = (x => x > 0 ? x : 0.7 * (Math.Exp(x) - 1), (network, x) => network.Elu(x, 0.7f)),
        ["SELU"] = (x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1)), (network, x) => network.Selu(x)),
        ["GELU"] = (x => x / 2 * (1 + Formulas.Erf(x / Math.Sqrt(2))), (network, x) => network.Gelu(x)),
        ["GELU of tanh"] = (x => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))), (network, x) => network.Gelu(x, tanh: true)),
        ["SiLU"] = (x => x * Formulas.Sigmoid(x), (network, x) => network.Silu(x)),
        ["Mish"] = (x => x * Math.Tanh(Math.Log(1 + Math.Exp(x))), (network, x) => network.Mish(x)),
        ["Sigmoid"] = (Formulas.Sigmoid, (network, x) => network.Sigmoid(x)),
        ["Tanh"] = (Math.Tanh, (network, x) => network.Tanh(x)),
        ["Hardsigmoid"] = (x => Math.Clamp((x / 6) + 0.5, 0, 1), (network, x) => network.HardSigmoid(x)),
        ["Hardswish"] = (x => x * Math.Clamp((x / 6) + 0.5, 0, 1), (network, x) => network.HardSwish(x)),
        ["Softplus"] = (x => Math.Log(1 + Math.Exp(x)), (network, x) => network.Softplus(x)),
        ["Softsign"] = (x => x / (1 + Math.Abs(x)), (network, x) => network.Softsign(x)),
        ["Hardtanh"] = (x => Math.Clamp(x, -1, 2), (network, x) => network.Clip(x, -1, 2)),
    };

    public static TheoryData<string> Names => [.. Known.Keys];

    /// <summary>Every activation without weights.</summary>
    internal static IEnumerable<Func<INetworkDefinition, ITensor, ITensor>> All => Known.Values.Select(known => known.Module);

    [Theory]
    [MemberData(nameof(Names))]
    public void An_activation_follows_its_formula(string name)
    {
        HostTensor x = HostTensor.Random(1, -7, 7, 4, 25);
        Grid values = x;

        ModuleCheck.Equal(values.Map(Known[name].Formula), x, Known[name].Module, 1e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void PReLU_has_slopes(int slopes)
    {
        WeightsMap weights = new RandomWeights().Add("act.weight", slopes).Map["act"];
        HostTensor x = HostTensor.Random(1, -3, 3, 2, 4, 3);
        Grid values = x;
        Grid slope = weights["weight"];

        ModuleCheck.Equal(Grid.From(values.Shape, (n, c, i, _) => values[n, c, i] * (values[n, c, i] > 0 ? 1 : slope[slopes == 1 ? 0 : c])), x, (network, input) => network.PRelu(input, weights));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Softmax_and_its_logarithm_share_an_axis(int axis)
    {
        HostTensor x = HostTensor.Random(1, -20, 20, 2, 5, 3);
        Grid values = x;
        Grid soft = Grid.From(values.Shape, (n, i, j, _) => Math.Exp(values[n, i, j])
            / (axis == 1 ? Enumerable.Range(0, 5).Sum(k => Math.Exp(values[n, k, j])) : Enumerable.Range(0, 3).Sum(k => Math.Exp(values[n, i, k]))));

        ModuleCheck.Equal(
            [("soft", soft), ("log", soft.Map(Math.Log))], [("x", x)], (network, inputs) => [network.Softmax(inputs[0], axis), network.LogSoftmax(inputs[0], axis)]);
    }

    [Fact]
    public void A_logarithm_of_a_softmax_does_not_underflow()
    {
        HostTensor x = HostTensor.Of([0f, 200, -200], 1, 3);

        ModuleCheck.Equal(Grid.Of([-200, 0, -400], 1, 3), x, (network, input) => network.LogSoftmax(input), 0);
    }
}
