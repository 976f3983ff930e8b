using System.Runtime.InteropServices;
using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>What happens over several runs of a context: a cache that grows in place, and assertions that begin to fail.</summary>
public sealed class DecodingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public unsafe void A_cache_whose_input_and_output_share_memory_grows_step_by_step(bool isSixteenBit)
    {
        using TestEngine test = new();
        DataType type = isSixteenBit ? DataType.Half : DataType.Float;
        INetworkDefinition network = test.Network(NetworkDefinitionCreationFlag.StronglyTyped);
        ITensor cache = network.AddInput("cache", type, [2, 2, 8, 4]);
        ITensor update = network.AddInput("update", type, [2, 2, 1, 4]);
        ITensor y = network.AddKVCacheUpdate(cache, update, network.AddInput("places", DataType.Int32, [2]), KVCacheMode.Linear).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        using IExecutionContext context = test.Load(test.Plan(network)).CreateExecutionContext();
        float[] expected = new float[2 * 2 * 8 * 4];
        Array.Fill(expected, -1);
        using PinnedBuffers memory = new();
        Array shared = Of(expected);
        nint address = memory.Add(shared);
        context.SetTensorAddress("cache", address);
        context.SetTensorAddress("y", address);
        for (int step = 0; step < 5; step++)
        {
            // The second sequence begins three places later.
            float[] fresh = [.. Enumerable.Range(0, 16).Select(at => (step * 16f) + at)];
            int[] places = [step, step + 3];
            context.SetTensorAddress("update", memory.Add(Of(fresh)));
            context.SetTensorAddress("places", memory.Add(places));
            context.EnqueueV3(0);
            TestDevice.Synchronize();
            for (int at = 0; at < 16; at++)
            {
                (int row, int inHead) = (at / 4, at % 4);
                expected[(((row * 8) + places[row / 2]) * 4) + inHead] = fresh[at];
            }

            Assert.Equal(Of(expected), shared);
        }

        Array Of(float[] values) => isSixteenBit ? Array.ConvertAll(values, value => (Half)value) : values.ToArray();
    }

    [Fact]
    public void An_assertion_that_fails_in_a_run_says_so_with_its_message()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [-1]);
        using PinnedBuffers memory = new();
        ITensor limit = network.AddConstant([1], new Weights(DataType.Int64, memory.Add(new[] { 3L }), 1)).GetOutput(0);
        IAssertionLayer assertion = network.AddAssertion(network.AddElementWise(network.AddShape(x).GetOutput(0), limit, ElementWiseOperation.Less).GetOutput(0), "x must have fewer than three numbers");
        assertion.Name = "few";
        ITensor y = network.AddUnary(x, UnaryOperation.Neg).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        byte[] plan = test.Plan(network, config =>
        {
            IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
            profile.SetDimensions("x", OptProfileSelector.Min, [1]);
            profile.SetDimensions("x", OptProfileSelector.Opt, [2]);
            profile.SetDimensions("x", OptProfileSelector.Max, [4]);
            config.AddOptimizationProfile(profile);
        });
        using IExecutionContext context = test.Load(plan).CreateExecutionContext();
        float[] result = new float[4];
        context.SetTensorAddress("x", memory.Add(new[] { 1f, 2f, 3f, 4f }));
        context.SetTensorAddress("y", memory.Add(result));
        context.SetInputShape("x", [4]);
        TensorRtException error = Assert.Throws<TensorRtException>(() => context.EnqueueV3(0));
        Assert.Contains("x must have fewer than three numbers", error.Message, StringComparison.Ordinal);
        Assert.Contains("few", error.Message, StringComparison.Ordinal);
        Assert.Equal([0f, 0f, 0f, 0f], result);
        context.SetInputShape("x", [2]);
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        Assert.Equal([-1f, -2f, 0f, 0f], result);
    }
}
