using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Utils.Tests.Inference;

/// <summary>Dynamic shapes, profiles, and outputs whose shape depends on data.</summary>
public class ShapeTests(string? release = null)
{
    [Fact]
    public void TheProfileWithTheNearestOptimumIsChosen()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Load(rig.LeNet((1, 20, 32), (1, 1, 20))));
        Assert.Equal(2, runner.ProfileCount);
        Assert.Equal<Dims>([32, 1, 28, 28], runner.Inputs[0].MaxShape(0));
        Assert.Equal<Dims>([1, 1, 28, 28], runner.Inputs[0].OptShape(1));
        using InferenceContext context = runner.Rent();
        foreach ((int batch, int profile, string golden) in ((int, int, string)[])[(20, 0, "set0@0.prob"), (1, 1, "set1@1.prob"), (20, 0, "set0@0.prob")])
        {
            context["data"].CopyFrom<float>(RunnerRig.Digits(batch));
            context.Run();
            Assert.Equal(profile, context.CurrentProfile);
            Same(RunnerRig.Golden("lenet_two_profiles.npz", golden), context["prob"].ToArray<float>());
        }

        context.Profile = 1;
        context["data"].CopyFrom<float>(RunnerRig.Digits(20));
        context.Run();
        Assert.Equal(1, context.CurrentProfile);
        Same(RunnerRig.Golden("lenet_two_profiles.npz", "set0@1.prob"), context["prob"].ToArray<float>());
        Assert.Throws<ArgumentOutOfRangeException>(() => context.Profile = 2);
        Assert.Empty(rig.Log.Errors);
    }

    [Fact]
    public void AShapeOutsideOfTheProfilesIsToldWithTheRange()
    {
        using RunnerRig rig = new(release);
        InferenceRunner one = rig.Runner(rig.Relu(2, 4), new RunnerOptions { Name = "relu.plan" });
        Assert.Equal("Input \"x\" has shape 5x3, but profile 0 of relu.plan allows at most 4x3. Rebuild with --max-shapes x:5x3.", Message(() => one.Run<float, float>(new float[15], new float[15])));
        Assert.Equal("Input \"x\" has shape 1x3, but profile 0 of relu.plan allows at least 2x3. Rebuild with --min-shapes x:1x3.", Message(() => one.Run<float, float>(new float[3], new float[3])));

        InferenceRunner two = rig.Runner(rig.Load(rig.LeNet((1, 2, 2), (8, 8, 9))), new RunnerOptions { Name = "lenet.plan" });
        using InferenceContext context = two.Rent();
        context["data"].Shape = [5, 1, 28, 28];
        Assert.Equal("Input \"data\" has shape 5x1x28x28, but no profile of lenet.plan allows it: profile 0 takes 1x1x28x28 to 2x1x28x28, profile 1 takes 8x1x28x28 to 9x1x28x28. Rebuild with --max-shapes data:5x1x28x28.",
            Message(context.InferShapes));
        context["data"].Shape = [8, 1, 28, 28];
        context.Profile = 0;
        Assert.Equal("Input \"data\" has shape 8x1x28x28, but profile 0 of lenet.plan allows at most 2x1x28x28. Profile 1 allows it; or rebuild with --max-shapes data:8x1x28x28.", Message(context.InferShapes));

        // Nothing of it reached the library, and the context goes on.
        Assert.Empty(rig.Log.Errors);
        context.Profile = null;
        context["data"].CopyFrom<float>(RunnerRig.Digits(8));
        context.Run();
        Same(RunnerRig.Probabilities(8), context["prob"].ToArray<float>());

        static string Message(Action action) => Assert.Throws<ArgumentException>(action).Message;
    }

    [Fact]
    public void OutputsOfDataDependentShape()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Positions(), new RunnerOptions { UseCudaGraphs = true });
        using InferenceContext context = runner.Rent();
        foreach (int rows in (int[])[1, 30, 4, 300, 4])
        {
            float[] x = [.. Enumerable.Range(0, rows * 3).Select(i => (float)(i * 7 % 5))];
            int[] expected = [.. Enumerable.Range(0, x.Length).Where(i => x[i] != 0)];
            context["x"].CopyFrom<float>(x);
            context.InferShapes();
            Assert.Equal<Dims>([2, -1], context["where"].Shape);
            context.Run();
            Assert.Equal(new Dims(2, expected.Length), context["where"].Shape);
            Assert.Equal([.. expected.Select(i => i / 3), .. expected.Select(i => i % 3)], context["where"].ToArray<int>());
            Assert.Equal(x.Sum(), context["sum"].ToArray<float>().Single());
            Assert.Equal(expected.Length * 2, runner.Run(TensorBinding.Of("x", x))["where"].AsSpan<int>().Length);
        }

        // No graph can be recorded, and it is said why.
        context.Run();
        Assert.False(context.WasGraph);
        Assert.Contains("depends on data", context.GraphRefusal, StringComparison.Ordinal);

        // Nothing but zeros: an empty output.
        context["x"].CopyFrom<float>(new float[6]);
        context.Run();
        Assert.Equal<Dims>([2, 0], context["where"].Shape);
        Assert.Empty(context["where"].ToArray<int>());
        Assert.Empty(rig.Log.Errors);
    }

    [Fact]
    public void MemoryForADataDependentOutputMustHoldIt()
    {
        using RunnerRig rig = new(release);
        using InferenceContext context = rig.Runner(rig.Positions()).Rent();
        using DeviceMemory<int> small = new(2, TestDevice.Current), large = new(1024, TestDevice.Current);
        context["x"].CopyFrom<float>([0, 1, 0, 0, 0, 2]);
        context["where"].Bind(large);
        context.Run();
        Assert.Equal([0, 1, 1, 2], large.ToArray()[..4]);
        Assert.Equal<Dims>([2, 2], context["where"].Shape);
        context["where"].Bind(small);
        Assert.Contains("Output \"where\"", Assert.Throws<ArgumentException>(() => context.Run()).Message, StringComparison.Ordinal);
        context["where"].Unbind();
        context.Run();
        Assert.Equal([0, 1, 1, 2], context["where"].ToArray<int>());
    }

    private static void Same(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.True(expected.Zip(actual, (right, mine) => Math.Abs(right - mine)).Max() < 1e-4f * (expected.Max() - expected.Min()));
    }
}
