using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Networks;

public sealed class LinearModuleTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Linear_multiplies_by_the_transposed_weights(bool hasBias)
    {
        WeightsMap weights = new RandomWeights().AddKernel("fc", hasBias, 5, 7).Map["fc"];
        HostTensor x = HostTensor.Random(2, -1, 1, 2, 3, 7);

        ModuleCheck.Equal(Formulas.Linear(x, weights["weight"], Grid.OrNull(weights["bias"])), x, (network, input) => network.Linear(input, weights), openAxes: [0, 1]);
    }

    [Fact]
    public void Embedding_takes_rows()
    {
        WeightsMap weights = new RandomWeights().Add("weight", 6, 4).Map;
        int[] tokens = [5, 0, 3, 3, 1, 2];
        Grid table = weights["weight"];
        Grid expected = Grid.From([2, 3, 4], (n, l, i, _) => table[tokens[(n * 3) + l], i]);

        ModuleCheck.Equal([("y", expected)], [("x", HostTensor.Of(tokens, 2, 3))], (network, inputs) => [network.Embedding(inputs[0], weights)], 0, [0, 1]);
    }

    [Fact]
    public void Flatten_Add_and_Concat_are_PyTorchs()
    {
        HostTensor x = HostTensor.Random(2, -1, 1, 2, 3, 4, 5);
        HostTensor y = HostTensor.Random(3, -1, 1, 2, 1, 4, 1);
        Grid first = x;
        Grid second = y;
        Grid flat = Grid.From([2, 3, 20], (a, b, c, _) => first[a, b, c / 5, c % 5] + second[a, 0, c / 5, 0]);
        Grid joined = Grid.From([2, 6, 4, 5], (a, b, c, d) => first[a, b % 3, c, d]);

        ModuleCheck.Equal(
            [("flat", flat), ("joined", joined)],
            [("x", x), ("y", y)],
            (network, inputs) => [network.Flatten(network.Add(inputs[0], inputs[1]), 2), network.Concat(1, inputs[0], inputs[0])],
            1e-6);
        Assert.Throws<ArgumentException>(() =>
        {
            using NetworkRig rig = new();
            rig.Network.Concat(0);
        });
    }

    [Fact]
    public void A_Sequential_counts_modules_as_PyTorch_does()
    {
        WeightsMap weights = new RandomWeights()
            .AddKernel("stage.0", false, 6, 3, 3, 3).AddBatchNorm("stage.1", 6) // 2: ReLU, 3: dropout
            .AddKernel("stage.4", true, 4, 6, 1, 1) // 5: anything, 6: mean, 7: flatten
            .AddKernel("stage.8", true, 2, 4).Map["stage"];
        HostTensor x = HostTensor.Random(2, -1, 1, 2, 3, 4, 4);
        Grid hidden = Formulas.BatchNorm(Formulas.Conv2d(x, weights["0.weight"], null, 1, 1, 1, 1), weights[1], 1e-5).Map(value => Math.Max(value, 0));
        hidden = Formulas.Conv2d(hidden, weights["4.weight"], weights["4.bias"], 1, 0, 1, 1).Map(Math.Abs);
        Grid means = Formulas.Pool(hidden, 1, 1, 4, 4, 0, (inside, _) => inside.Average());
        Grid rows = Formulas.Linear(Grid.From([1, 2, 4], (_, n, c, _) => means[n, c]), weights["8.weight"], weights["8.bias"]);
        Grid expected = Grid.From([2, 2], (n, o, _, _) => rows[0, n, o]);

        ModuleCheck.Equal(expected, x, (network, input) =>
        {
            int before = network.NbLayers;
            ITensor y = network.Sequential(
                input,
                weights,
                Module.Conv2d(padding: 1),
                Module.BatchNorm(),
                Module.Relu,
                Module.Identity,
                Module.Conv2d(),
                Module.From(static (network, x, _) => network.AddUnary(x, UnaryOperation.Abs).GetOutput(0)),
                Module.AdaptiveAvgPool2d(),
                Module.Flatten,
                Module.Linear);
            Assert.DoesNotContain(Enumerable.Range(before, network.NbLayers - before), i => network.GetLayer(i).Type == LayerType.Scale);
            return y;
        });
    }

    [Fact]
    public void Tokens_that_are_no_integers_are_refused()
    {
        using NetworkRig rig = new();
        WeightsMap weights = new RandomWeights().Add("embed.weight", 6, 4).Map["embed"];

        Assert.Contains("Embedding \"embed\" takes Int32 or Int64", Assert.Throws<ArgumentException>(() => rig.Network.Embedding(rig.Input("x", 1, 4), weights)).Message, StringComparison.Ordinal);
    }
}
