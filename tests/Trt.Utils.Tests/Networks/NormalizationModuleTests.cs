using Xunit;

namespace Trt.Utils.Tests.Networks;

public sealed class NormalizationModuleTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void BatchNorm_shifts_and_scales_channels(int rank)
    {
        long[] shape = new long[] { 2, 4, 3, 5 }[..rank];
        WeightsMap weights = new RandomWeights().AddBatchNorm("bn", 4).Map["bn"];
        HostTensor x = HostTensor.Random(2, -3, 3, shape);

        ModuleCheck.Equal(Formulas.BatchNorm(x, weights, 1e-5), x, (network, input) => network.BatchNorm(input, weights));
    }

    [Fact]
    public void BatchNorm_without_weights_only_standardizes()
    {
        WeightsMap weights = new RandomWeights().Add("running_mean", 3).AddBetween("running_var", 0.5, 2, 3).Map;
        HostTensor x = HostTensor.Random(2, -3, 3, 2, 3, 4, 4);

        ModuleCheck.Equal(Formulas.BatchNorm(x, weights, 1e-3), x, (network, input) => network.BatchNorm(input, weights, 1e-3f));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void LayerNorm_normalizes_the_last_axes(int axes, bool hasBias)
    {
        long[] shape = [2, 5, 6];
        long[] normalized = shape[^axes..];
        RandomWeights random = new RandomWeights().Add("weight", normalized);
        WeightsMap weights = (hasBias ? random.Add("bias", normalized) : random).Map;
        HostTensor x = HostTensor.Random(2, -3, 5, shape);
        Grid scale = weights["weight"];
        Grid? bias = Grid.OrNull(weights["bias"]);
        Grid expected = Formulas.Normalize(
            x,
            (a, b, _, _) => axes == 1 ? (a * 5) + b : a,
            (_, b, c, _) => axes == 1 ? (scale[c], bias?[c] ?? 0) : (scale[b, c], bias?[b, c] ?? 0),
            1e-5);

        ModuleCheck.Equal(expected, x, (network, input) => network.LayerNorm(input, weights), openAxes: axes == 1 ? [0, 1] : [0]);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(6, true)]
    [InlineData(3, false)]
    public void GroupNorm_normalizes_groups_of_channels(int groups, bool isAffine)
    {
        RandomWeights random = new();
        WeightsMap weights = (isAffine ? random.Add("norm.weight", 6).Add("norm.bias", 6) : random).Map["norm"];
        HostTensor x = HostTensor.Random(2, -3, 5, 2, 6, 3, 4);
        Grid expected = Formulas.Normalize(x, (n, c, _, _) => (n * groups) + (c / (6 / groups)), Channels(weights), 1e-5);

        ModuleCheck.Equal(expected, x, (network, input) => network.GroupNorm(input, weights, groups), openAxes: [0, 2, 3]);
    }

    [Fact]
    public void InstanceNorm_normalizes_each_channel()
    {
        WeightsMap weights = new RandomWeights().Add("norm.weight", 3).Add("norm.bias", 3).Map["norm"];
        HostTensor x = HostTensor.Random(2, -3, 5, 2, 3, 3, 4);

        ModuleCheck.Equal(Formulas.Normalize(x, (n, c, _, _) => (n * 3) + c, Channels(weights), 1e-5), x, (network, input) => network.InstanceNorm(input, weights), openAxes: [0, 2, 3]);
    }

    [Fact]
    public void InstanceNorm_with_running_statistics_uses_them()
    {
        WeightsMap weights = new RandomWeights().AddBatchNorm("norm", 3).Map["norm"];
        HostTensor x = HostTensor.Random(2, -3, 5, 2, 3, 3, 4);

        ModuleCheck.Equal(Formulas.BatchNorm(x, weights, 1e-5), x, (network, input) => network.InstanceNorm(input, weights));
    }

    [Fact]
    public void Groups_must_divide_the_channels()
    {
        using NetworkRig rig = new();
        WeightsMap weights = new RandomWeights().Add("norm.weight", 6).Map["norm"];

        ArgumentException exception = Assert.Throws<ArgumentException>(() => rig.Network.GroupNorm(rig.Input("x", 1, 6, 2, 2), weights, 4));
        Assert.Contains("GroupNorm \"norm\" has 4 groups, which do not divide the 6 channels", exception.Message, StringComparison.Ordinal);
    }

    private static Func<long, long, long, long, (double, double)> Channels(WeightsMap weights)
    {
        Grid? scale = Grid.OrNull(weights["weight"]);
        Grid? bias = Grid.OrNull(weights["bias"]);
        return (_, c, _, _) => (scale?[c] ?? 1, bias?[c] ?? 0);
    }
}
