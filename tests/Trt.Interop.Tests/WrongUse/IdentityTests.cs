using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.WrongUse;

/// <summary>The same native object is always the same managed object, of its real type.</summary>
[Collection(RtxCollection.Name)]
public sealed class IdentityTests
{
    [SkippableFact]
    public void Same_address_is_the_same_object()
    {
        using SmallNetwork small = new(BuilderLibrary.Load());

        Assert.Same(small.Layer, small.Network.GetLayer(0));
        Assert.Same(small.Input, small.Network.GetInput(0));
        Assert.Same(small.Input, small.Layer.GetInput(0));
        Assert.Same(small.Output, small.Layer.GetOutput(0));
        Assert.Same(small.Output, small.Network.GetOutput(0));
        Assert.Same(small.Builder, small.Network.Builder);
    }

    [SkippableFact]
    public void Logger_comes_back_as_it_was_given()
    {
        CollectingLogger logger = new();
        using SmallNetwork small = new(BuilderLibrary.Load(), logger);
        Assert.Same(logger, small.Builder.Logger);
    }

    [SkippableFact]
    public void Layers_are_their_real_type()
    {
        using SmallNetwork small = new(BuilderLibrary.Load());
        INetworkDefinition network = small.Network;
        ITensor x = small.Input;
        ILayer[] added =
        [
            small.Layer,
            network.AddConvolutionNd(x, 2, [3, 3], Weights.From(new float[54]), Weights.Empty()),
            network.AddPoolingNd(x, PoolingType.Max, [2, 2]),
            network.AddSoftMax(x),
            network.AddShuffle(x),
            network.AddConstant([2], Weights.From(new float[2])),
            network.AddReduce(x, ReduceOperation.Sum, 2, true),
            network.AddTopK(x, TopKOperation.Max, 1, 2),
            network.AddSlice(x, [0, 0, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1]),
            network.AddResize(x),
            network.AddElementWise(x, x, ElementWiseOperation.Sum),
            network.AddConcatenation([x, x]),
            network.AddCast(x, DataType.Half),
        ];

        for (int i = 0; i < added.Length; i++)
        {
            ILayer layer = network.GetLayer(i);
            Assert.Same(added[i], layer);
            Assert.Contains(layer.GetType().GetInterfaces(), type => type.Name.Equals($"I{layer.Type}Layer", StringComparison.OrdinalIgnoreCase));
        }

        Assert.Equal(2, Assert.IsAssignableFrom<IConvolutionLayer>(network.GetLayer(1)).NbOutputMaps);
    }

    [SkippableFact]
    public void Real_type_is_found_when_the_first_wrapper_is_gone()
    {
        using SmallNetwork small = new(BuilderLibrary.Load());
        AddAndForget(small);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        IPoolingLayer layer = Assert.IsAssignableFrom<IPoolingLayer>(small.Network.GetLayer(1));
        Assert.Equal(PoolingType.Average, layer.PoolingType);
        Assert.Equal("kept", layer.Name);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void AddAndForget(SmallNetwork small) => small.Network.AddPoolingNd(small.Input, PoolingType.Average, [2, 2]).Name = "kept";
    }

    [SkippableFact]
    public void Index_out_of_range_is_the_librarys_refusal()
    {
        using SmallNetwork small = new(BuilderLibrary.Load());
        Assert.Contains("INetworkDefinition::getLayer", Assert.Throws<TensorRtException>(() => small.Network.GetLayer(99)).Message, StringComparison.Ordinal);
        Assert.Throws<TensorRtException>(() => small.Layer.GetOutput(7));
    }
}
