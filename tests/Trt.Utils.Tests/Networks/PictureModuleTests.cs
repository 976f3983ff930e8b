using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Networks;

/// <summary>Poolings and resizing.</summary>
public sealed class PictureModuleTests
{
    [Theory]
    [InlineData(2, 2, 0, false, 3, 2)]
    [InlineData(3, 2, 1, false, 4, 3)]
    [InlineData(3, 2, 0, true, 3, 2)]
    [InlineData(2, 2, 0, true, 4, 3)]
    public void MaxPool2d_takes_the_greatest(int window, int stride, int padding, bool ceilMode, int height, int width)
    {
        HostTensor x = HostTensor.Random(1, -3, -1, 2, 3, 7, 5);

        ModuleCheck.Equal(
            Formulas.Pool(x, height, width, window, stride, padding, (inside, _) => inside.Max()), x, (network, input) => network.MaxPool2d(input, window, stride, padding, ceilMode), openAxes: [0, 2, 3]);
    }

    [Theory]
    [InlineData(0, false, true, 3, 2)]
    [InlineData(0, true, true, 4, 3)]
    [InlineData(1, false, true, 4, 3)]
    [InlineData(1, false, false, 4, 3)]
    public void AvgPool2d_takes_the_mean(int padding, bool ceilMode, bool countIncludePad, int height, int width)
    {
        HostTensor x = HostTensor.Random(1, 1, 3, 2, 3, 7, 5);
        Grid expected = Formulas.Pool(x, height, width, 2, 2, padding, (inside, all) => inside.Sum() / (countIncludePad && padding > 0 ? all : inside.Count));

        ModuleCheck.Equal(expected, x, (network, input) => network.AvgPool2d(input, 2, 2, padding, ceilMode, countIncludePad), openAxes: [0, 2, 3]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    public void AdaptiveAvgPool2d_shares_the_picture(int height, int width)
    {
        HostTensor x = HostTensor.Random(1, 1, 3, 2, 3, 4, 6);
        Grid expected = Formulas.Pool(x, height, width, (4 / height, 6 / width), (4 / height, 6 / width), 0, (inside, _) => inside.Average());

        ModuleCheck.Equal(expected, x, (network, input) => network.AdaptiveAvgPool2d(input, (height, width)));
    }

    [Fact]
    public void Poolings_that_TensorRT_lacks_are_refused()
    {
        using NetworkRig rig = new();
        ITensor x = rig.Input("x", 1, 3, 7, 7);

        Assert.Throws<ArgumentException>(() => rig.Network.MaxPool2d(x, 2, 2, 1, ceilMode: true));
        Assert.Throws<ArgumentException>(() => rig.Network.AvgPool2d(x, 3, 2, 1, ceilMode: true));
        Assert.Contains("multiples", Assert.Throws<ArgumentException>(() => rig.Network.AdaptiveAvgPool2d(x, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => rig.Network.Upsample(x, 2, UpsampleMode.Nearest, alignCorners: true));
    }

    [Theory]
    [InlineData(2f)]
    [InlineData(1.5f)]
    public void Nearest_repeats_pixels(float factor)
    {
        HostTensor x = HostTensor.Random(1, -1, 1, 2, 3, 4, 6);
        Grid values = x;
        Grid expected = Grid.From([2, 3, (long)(4 * factor), (long)(6 * factor)], (n, c, y, z) => values[n, c, (long)(y / factor), (long)(z / factor)]);

        ModuleCheck.Equal(expected, x, (network, input) => network.Upsample(input, factor), 0, [0, 2, 3]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bilinear_lies_between_pixels(bool alignCorners)
    {
        HostTensor x = HostTensor.Random(1, -1, 1, 2, 3, 4, 6);
        HostTensor other = HostTensor.Random(1, -1, 1, 2, 1, 7, 9);

        ModuleCheck.Equal(
            [("twice", Formulas.Bilinear(x, 8, 12, alignCorners)), ("to", Formulas.Bilinear(x, 7, 9, alignCorners)), ("like", Formulas.Bilinear(x, 7, 9, alignCorners))],
            [("x", x), ("other", other)],
            (network, inputs) =>
            [
                network.Upsample(inputs[0], 2, UpsampleMode.Bilinear, alignCorners),
                network.UpsampleTo(inputs[0], (7, 9), UpsampleMode.Bilinear, alignCorners),
                network.Add(network.UpsampleLike(inputs[0], inputs[1], UpsampleMode.Bilinear, alignCorners), network.AddElementWise(inputs[1], inputs[1], ElementWiseOperation.Sub).GetOutput(0)),
            ],
            openAxes: [0, 2, 3]);
    }
}
