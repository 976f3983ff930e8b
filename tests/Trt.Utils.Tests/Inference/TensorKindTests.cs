using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Inference;

/// <summary>Tensors that are not plain rows on the device: shape tensors, vectorised layouts, outputs that share an input's memory.</summary>
public class TensorKindTests(string? release = null)
{
    [Fact]
    public void ShapeTensorsAreReadOnTheHostAndCheckedAgainstTheProfile()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Load(Reshaped(rig)), new RunnerOptions { UseCudaGraphs = true });
        Assert.True(runner.Inputs.Single(input => input.Name == "size").IsOnHost);
        using InferenceContext context = runner.Rent();
        context["x"].CopyFrom<float>([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        foreach (int rows in (int[])[3, 3, 3, 4, 4, 4, 2, 3])
        {
            context["size"].AsSpan<int>()[0] = rows; // written in place: the runner must notice
            context["size"].AsSpan<int>()[1] = 12 / rows;
            context.Run();
            Assert.Equal(new Dims(rows, 12 / rows), context["y"].Shape);
            Assert.Equal(Enumerable.Range(1, 12).Select(i => (float)i), context["y"].ToArray<float>());
        }

        context["size"].CopyFrom<int>([12, 1]);
        Assert.Contains("Input \"size\" has value 12 at 0, but profile 0 of", Assert.Throws<ArgumentException>(() => context.Run()).Message, StringComparison.Ordinal);
        context["size"].CopyFrom<int>([6, 2]);
        context.Run();
        Assert.Equal<Dims>([6, 2], context["y"].Shape);

        // Shapes that do not go together are the library's to refuse; the context goes on.
        context["size"].CopyFrom<int>([5, 2]);
        Assert.ThrowsAny<Exception>(() => context.Run());
        context["size"].CopyFrom<int>([4, 3]);
        context.Run();
        Assert.Equal<Dims>([4, 3], context["y"].Shape);
    }

    [Fact]
    public void ValuesInVectorsCountTheirFill()
    {
        using RunnerRig rig = new(release);
        using INetworkDefinition network = rig.Builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        ITensor x = network.AddInput("x", DataType.Half, [1, 3, 2, 2]);
        x.AllowedFormats = [TensorFormat.HWC8];
        ITensor y = network.AddActivation(x, ActivationType.Relu).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        InferenceRunner runner = rig.Runner(rig.Load(rig.Plan(network)));
        Assert.Equal(TensorFormat.HWC8, runner.Inputs[0].Format);
        Half[] vectors = new Half[2 * 2 * 8];
        for (int pixel = 0; pixel < 4; pixel++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                vectors[(pixel * 8) + channel] = (Half)((channel * 4) + pixel - 5);
            }
        }

        Half[] result = runner.Run(TensorBinding.Of("x", vectors))["y"].ToArray<Half>();
        Assert.Equal(Enumerable.Range(0, 12).Select(i => (Half)Math.Max(i - 5, 0)), result);
        Assert.Contains("has 32 elements, but 12 were given", Assert.Throws<ArgumentException>(() => runner.Run(TensorBinding.Of("x", new Half[12]))).Message, StringComparison.Ordinal);
    }

    /// <summary>y = x, of 12 values, in the shape that "size" holds.</summary>
    private static byte[] Reshaped(RunnerRig rig)
    {
        INetworkDefinition network = rig.Network();
        IShuffleLayer shuffle = network.AddShuffle(network.AddInput("x", DataType.Float, [12]));
        shuffle.SetInput(1, network.AddInput("size", DataType.Int32, [2]));
        ITensor y = shuffle.GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        using IBuilderConfig config = rig.Builder.CreateBuilderConfig();
        IOptimizationProfile profile = rig.Builder.CreateOptimizationProfile();
        profile.SetShapeValues("size", OptProfileSelector.Min, [1, 1]);
        profile.SetShapeValues("size", OptProfileSelector.Opt, [3, 4]);
        profile.SetShapeValues("size", OptProfileSelector.Max, [6, 12]);
        config.AddOptimizationProfile(profile);
        return rig.Plan(network, config);
    }

    [Fact]
    public void ACacheIsUpdatedInPlace()
    {
        using RunnerRig rig = new(release);
        INetworkDefinition network = rig.Network();
        ITensor cache = network.AddInput("cache", DataType.Float, [1, 2, 8, 4]);
        ITensor update = network.AddInput("update", DataType.Float, [1, 2, 1, 4]);
        ITensor y = network.AddKVCacheUpdate(cache, update, network.AddInput("places", DataType.Int32, [1]), KVCacheMode.Linear).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        InferenceRunner runner = rig.Runner(rig.Load(rig.Plan(network)), new RunnerOptions { UseCudaGraphs = true });
        Assert.Equal("cache", runner.Outputs[0].AliasedInput);
        using InferenceContext context = runner.Rent();
        float[] expected = new float[64];
        Array.Fill(expected, -1);
        context["cache"].CopyFrom<float>(expected);
        for (int step = 0; step < 6; step++)
        {
            float[] fresh = [.. Enumerable.Range(0, 8).Select(at => (step * 8f) + at)];
            context["update"].CopyFrom<float>(fresh);
            context["places"].CopyFrom<int>([step]);
            context.Run();
            for (int at = 0; at < 8; at++)
            {
                expected[(((at / 4 * 8) + step) * 4) + (at % 4)] = fresh[at];
            }

            Assert.Equal(expected, context["y"].ToArray<float>());
            Assert.Equal(context["cache"].DevicePointer, context["y"].DevicePointer);
        }

        using Trt.Interop.Cuda.DeviceMemory<float> other = new(64, runner.Device);
        context["y"].Bind(other);
        Assert.Contains("shares its memory with input \"cache\"", Assert.Throws<ArgumentException>(() => context.Run()).Message, StringComparison.Ordinal);
    }
}
