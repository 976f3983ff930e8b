using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>Precisions and output types that are set on layers of weakly typed networks, with the flags that TensorRT 8.6 has for them.</summary>
[Collection(RtxCollection.Name)]
public sealed class PrecisionTests
{
    private static readonly float[] Numbers = [1.0009765f, -3.1415927f, 2049f, 0.1f];

    public static TheoryData<BuilderFlag?, BuilderFlag?> Flags => new()
    {
        { null, null },
        { BuilderFlag.FP16, null },
        { BuilderFlag.BF16, null },
        { BuilderFlag.FP16, BuilderFlag.ObeyPrecisionConstraints },
        { BuilderFlag.FP16, BuilderFlag.PreferPrecisionConstraints },
    };

    [Theory]
    [MemberData(nameof(Flags))]
    public void A_precision_leaves_the_types_of_tensors_and_costs_no_more_than_that_of_16_bits(BuilderFlag? precision, BuilderFlag? constraints) => new LayerCheck((network, _) =>
        {
            IUnaryLayer layer = network.AddUnary(network.AddInput("x", DataType.Float, [4]), UnaryOperation.Neg);
            layer.Precision = DataType.Half;
            Assert.True(layer.PrecisionIsSet());
            Assert.False(layer.OutputTypeIsSet(0));
            return [layer.GetOutput(0)];
        })
        {
            Typed = false,
            RtxDiffers = "it has strongly typed networks only",
            Configure = config => SetFlags(config, precision, constraints),
        }
        .Feed("x", [4], Numbers)
        .Expect([4], Numbers.Select(number => -number).ToArray(), 2)
        .Run();

    [Theory]
    [MemberData(nameof(Flags))]
    public void An_output_type_is_the_tensors_type_and_what_its_numbers_are_rounded_to(BuilderFlag? precision, BuilderFlag? constraints) => new LayerCheck((network, _) =>
        {
            IUnaryLayer layer = network.AddUnary(network.AddInput("x", DataType.Float, [4]), UnaryOperation.Neg);
            layer.SetOutputType(0, DataType.Half);
            Assert.True(layer.OutputTypeIsSet(0));
            return [layer.GetOutput(0)];
        })
        {
            Typed = false,
            RtxDiffers = "it has strongly typed networks only",
            Configure = config => SetFlags(config, precision, constraints),
        }
        .Feed("x", [4], Numbers)
        .Expect([4], Numbers.Select(number => (Half)(-number)).ToArray(), 0)
        .Run();

    [Fact]
    public void What_was_set_can_be_taken_back()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        IUnaryLayer layer = network.AddUnary(network.AddInput("x", DataType.Float, [4]), UnaryOperation.Neg);
        layer.Precision = DataType.Half;
        layer.SetOutputType(0, DataType.Half);
        Assert.Equal(DataType.Half, layer.GetOutput(0).Type);
        layer.ResetPrecision();
        layer.ResetOutputType(0);
        Assert.False(layer.PrecisionIsSet());
        Assert.False(layer.OutputTypeIsSet(0));
        Assert.Equal(DataType.Float, layer.GetOutput(0).Type);
    }

    private static void SetFlags(IBuilderConfig config, BuilderFlag? precision, BuilderFlag? constraints)
    {
        foreach (BuilderFlag? flag in new[] { precision, constraints })
        {
            if (flag is { } known)
            {
                config.SetFlag(known);
            }
        }
    }
}
