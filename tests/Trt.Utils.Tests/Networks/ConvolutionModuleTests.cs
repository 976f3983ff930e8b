using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Networks;

public sealed class ConvolutionModuleTests
{
    public static TheoryData<int, int, int, int, int, int, int, int, bool> Convolutions => new()
    {
        // kernel, stride, padding and dilation, each high and wide; groups; bias
        { 3, 3, 1, 1, 0, 1, 1, 1, true },
        { 3, 2, 2, 1, 1, 0, 1, 1, false },
        { 1, 1, 1, 2, 0, 0, 1, 1, true },
        { 3, 3, 1, 2, 2, 1, 2, 1, true },
        { 3, 3, 1, 1, 1, 1, 1, 2, false },
        { 3, 3, 2, 2, 1, 1, 1, 4, true },
    };

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Conv2d_is_the_sum_over_channels_and_kernel(int high, int wide, int stepDown, int stepAcross, int padHigh, int padWide, int dilation, int groups, bool hasBias)
    {
        WeightsMap weights = new RandomWeights().AddKernel("conv", hasBias, 8, 4 / groups, high, wide).Map["conv"];
        HostTensor x = HostTensor.Random(2, -1, 1, 2, 4, 7, 6);
        Grid expected = Formulas.Conv2d(x, weights["weight"], Grid.OrNull(weights["bias"]), (stepDown, stepAcross), (padHigh, padWide), dilation, groups);

        ModuleCheck.Equal(expected, x, (network, input) => network.Conv2d(input, weights, (stepDown, stepAcross), (padHigh, padWide), dilation, groups), openAxes: [0, 2, 3]);
    }

    [Theory]
    [InlineData(true, 1, 1e-5f)]
    [InlineData(false, 2, 1e-3f)]
    public void A_batch_normalization_is_folded_into_the_convolution_before_it(bool hasBias, int groups, float epsilon)
    {
        WeightsMap weights = new RandomWeights(3).AddKernel("conv", hasBias, 6, 4 / groups, 3, 3).AddBatchNorm("bn", 6).Map;
        HostTensor x = HostTensor.Random(4, -1, 1, 2, 4, 5, 5);
        Grid convolved = Formulas.Conv2d(x, weights["conv.weight"], Grid.OrNull(weights["conv.bias"]), 1, 1, 1, groups);

        ModuleCheck.Equal(Formulas.BatchNorm(convolved, weights["bn"], epsilon), x, (network, input) => network.Conv2dBatchNorm(input, weights["conv"], weights["bn"], padding: 1, groups: groups, epsilon: epsilon));
    }

    [Theory]
    [InlineData(2, 2, 0, 0, 1, 1)]
    [InlineData(3, 2, 1, 1, 1, 1)]
    [InlineData(3, 1, 1, 0, 2, 1)]
    [InlineData(4, 2, 1, 0, 1, 2)]
    public void ConvTranspose2d_writes_kernels_side_by_side(int kernel, int stride, int padding, int outputPadding, int dilation, int groups)
    {
        WeightsMap weights = new RandomWeights(5).AddBetween("weight", -0.4, 0.4, 4, 6 / groups, kernel, kernel).Add("bias", 6).Map;
        HostTensor x = HostTensor.Random(6, -1, 1, 2, 4, 4, 5);
        Grid expected = Formulas.ConvTranspose2d(x, weights["weight"], weights["bias"], stride, padding, outputPadding, dilation, groups);

        ModuleCheck.Equal(expected, x, (network, input) => network.ConvTranspose2d(input, weights, stride, padding, outputPadding, dilation, groups), openAxes: [0, 2, 3]);
    }

    [Fact]
    public void Layers_and_weights_have_PyTorchs_names()
    {
        using NetworkRig rig = new();
        WeightsMap weights = new RandomWeights().AddKernel("stem.conv", true, 8, 4, 3, 3).AddKernel("stem.fc", true, 3, 8).Map;
        ITensor x = rig.Network.Conv2d(rig.Input("x", 1, 4, 3, 3), weights["stem"]["conv"]);
        rig.Output(rig.Network.Linear(rig.Network.Flatten(x), weights["stem.fc"]), "y");

        using IRefitter refitter = rig.Library.CreateInferRefitter(rig.WithFlag(BuilderFlag.Refit).Load(), rig.Log);

        Assert.Equal(["stem.conv.bias", "stem.conv.weight", "stem.fc.bias", "stem.fc.weight"], refitter.GetAllWeights().Order(StringComparer.Ordinal));
        Assert.Contains(("stem.conv", WeightsRole.Kernel), refitter.GetAll());
        Assert.Contains(("stem.fc.weight", WeightsRole.Constant), refitter.GetAll());
    }

    [Fact]
    public void Modules_that_are_used_twice_share_their_weights_and_get_names_of_their_own()
    {
        using NetworkRig rig = new();
        WeightsMap weights = new RandomWeights().AddKernel("conv", true, 4, 4, 3, 3).Map;
        ITensor x = rig.Input("x", 1, 4, 7, 7);
        rig.Output(rig.Network.Conv2d(rig.Network.Conv2d(x, weights["conv"]), weights["conv"]), "y");

        Assert.Equal(["conv", "conv_2"], [rig.Network.GetLayer(0).Name, rig.Network.GetLayer(1).Name]);
        IConvolutionLayer[] layers = [.. Enumerable.Range(0, 2).Select(i => Assert.IsAssignableFrom<IConvolutionLayer>(rig.Network.GetLayer(i)))];
        Assert.Equal(layers[0].KernelWeights.Values, layers[1].KernelWeights.Values);
        Assert.Equal(weights["conv.weight"].Tensor.Pointer, layers[0].KernelWeights.Values); // nothing was copied
    }

    [Fact]
    public void Weights_become_the_type_of_the_input()
    {
        using NetworkRig rig = new(isTyped: true);
        WeightsMap weights = new RandomWeights().AddKernel("conv", true, 4, 4, 3, 3).AddBatchNorm("bn", 4).Map;
        ITensor x = rig.Network.AddInput("x", DataType.BF16, [1, 4, 7, 7]);
        ITensor y = rig.Network.BatchNorm(rig.Network.Conv2d(x, weights["conv"]), weights["bn"]);
        Assert.Equal(DataType.BF16, y.Type);
        rig.Output(rig.Network.AddCast(y, DataType.Float).GetOutput(0), "y");
        Assert.NotEmpty(rig.Build());
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        using NetworkRig rig = new();
        WeightsMap weights = new RandomWeights().Add("a.conv.weight", 8, 4, 3, 3).Add("a.conv.bias", 7).Add("a.fc.weight", 3, 9).Add("a.up.weight", 8, 4, 2, 2).Map["a"];
        ITensor x = rig.Input("x", 1, 3, 7, 7);

        Assert.Contains("\"a.conv.weight\"", Assert.Throws<WeightShapeException>(() => rig.Network.Conv2d(x, weights["conv"])).Message, StringComparison.Ordinal);
        Assert.Contains("\"a.conv.bias\"", Assert.Throws<WeightShapeException>(() => rig.Network.Conv2d(rig.Input("x4", 1, 4, 7, 7), weights["conv"])).Message, StringComparison.Ordinal);
        Assert.Contains("\"a.conv2.weight\"", Assert.Throws<KeyNotFoundException>(() => rig.Network.Conv2d(x, weights["conv2"])).Message, StringComparison.Ordinal);
        Assert.Contains("\"a.fc.weight\"", Assert.Throws<WeightShapeException>(() => rig.Network.Linear(x, weights["fc"])).Message, StringComparison.Ordinal);
        Assert.Contains("Conv2d \"a.conv\"", Assert.Throws<ArgumentException>(() => rig.Network.Conv2d(rig.Input("x3", 1, 4, 7), weights["conv"])).Message, StringComparison.Ordinal);
        Assert.Contains("output padding", Assert.Throws<ArgumentException>(() => rig.Network.ConvTranspose2d(rig.Input("x8", 1, 8, 7, 7), weights["up"], 2, outputPadding: 1)).Message, StringComparison.Ordinal);
        Assert.Equal(0, rig.Network.NbLayers);
    }
}
