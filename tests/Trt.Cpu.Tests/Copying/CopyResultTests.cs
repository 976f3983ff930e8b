using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Copying;

/// <summary>What a copy says of itself.</summary>
public class CopyResultTests
{
    [Fact]
    public void Every_tensor_and_layer_has_its_copy()
    {
        using TestEngine test = new();
        INetworkDefinition source = test.Network();
        source.Name = "two layers";
        ITensor x = source.AddInput("x", DataType.Float, [2, -1]);
        x.SetDynamicRange(-3, 5);
        IUnaryLayer first = source.AddUnary(x, UnaryOperation.Abs);
        first.Name = "magnitude";
        IActivationLayer second = source.AddActivation(first.GetOutput(0), ActivationType.Relu);
        second.GetOutput(0).Name = "y";
        source.MarkOutput(second.GetOutput(0));
        INetworkDefinition target = test.Network();

        NetworkCopy copy = source.CopyTo(target);

        Assert.Equal((source, target, "two layers"), (copy.Source, copy.Target, target.Name));
        Assert.Equal(3, copy.Tensors.Count);
        Assert.Equal([target.GetLayer(0), target.GetLayer(1)], [copy.Layers[first], copy.Layers[second]]);
        Assert.Equal([target.GetInput(0), target.GetLayer(0).GetOutput(0), target.GetOutput(0)], [copy.Tensors[x], copy.Tensors[first.GetOutput(0)], copy.Tensors[second.GetOutput(0)]]);
        Assert.Equal(("magnitude", "y", new Dims(2, -1), -3f, 5f), (target.GetLayer(0).Name, target.GetOutput(0).Name, target.GetInput(0).Dimensions, target.GetInput(0).DynamicRangeMin, target.GetInput(0).DynamicRangeMax));
    }

    [Fact]
    public void A_network_that_is_not_empty_is_refused()
    {
        using TestEngine test = new();
        INetworkDefinition source = test.Network();
        source.MarkOutput(source.AddUnary(source.AddInput("x", DataType.Float, [1]), UnaryOperation.Abs).GetOutput(0));
        ArgumentException error = Assert.Throws<ArgumentException>(() => source.CopyTo(source));
        Assert.Contains("has 1 inputs and 1 layers, but must be empty", error.Message, StringComparison.Ordinal);
    }
}
