using System.Numerics.Tensors;
using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Utils.Tests.Inference;

/// <summary>Runs of LeNet by every way of giving values, against PyTorch's and TensorRT's numbers.</summary>
public class RunTests(string? release = null)
{
    private const float Tolerance = 1e-4f;

    [Fact]
    public void SpansFollowTheBatch()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Load(rig.LeNet((1, 20, 32))));
        foreach (int batch in (int[])[1, 20, 7, 32, 20])
        {
            float[] prob = new float[(batch * 10) + 5];
            Assert.Equal<Dims>([batch, 10], runner.Run<float, float>(RunnerRig.Digits(batch), prob));
            Same(RunnerRig.Probabilities(batch), prob[..^5]);
            Assert.Equal(new float[5], prob[^5..]);
        }

        float[] twenty = new float[200];
        runner.Run<float, float>(RunnerRig.Digits(20), new Dims(20, 1, 28, 28), twenty);
        Same(RunnerRig.Golden("lenet_fp32.npz", "set0.prob"), twenty);
        Assert.Equal(1, runner.ContextCount);
        Assert.Empty(rig.Log.Errors);
    }

    [Fact]
    public void ResultsByName()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Load(rig.LeNet((1, 20, 32))));
        Tensor<float> digits = Tensor.Create(RunnerRig.Digits(20), [20, 1, 28, 28]);
        InferenceResult array = runner.Run(TensorBinding.Of("data", RunnerRig.Digits(20)))["prob"];
        InferenceResult tensor = runner.Run(TensorBinding.Of("data", digits))["prob"];
        Assert.Equal<Dims>([20, 10], array.Shape);
        Same(RunnerRig.Probabilities(20), array.ToArray<float>());
        Assert.Equal([20, 10], tensor.ToTensor<float>().Lengths.ToArray());
        Assert.Equal(array.ToArray<float>(), tensor.AsSpan<float>().ToArray());
        Assert.Contains("Float, not Int32: use float", Assert.Throws<ArgumentException>(() => tensor.ToArray<int>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NamedMemoryOfEveryKind()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Load(rig.LeNet((1, 20, 32))));
        float[] digits = RunnerRig.Digits(20);
        float[] expected = RunnerRig.Probabilities(20);
        using DeviceMemory<float> deviceIn = new(digits.Length, TestDevice.Current), deviceOut = new(200, TestDevice.Current);
        using PinnedMemory<float> pinnedIn = new(digits.Length, TestDevice.Current), pinnedOut = new(320, TestDevice.Current);
        deviceIn.CopyFrom(digits);
        digits.CopyTo(pinnedIn.Span);

        float[] array = new float[200];
        runner.Run([TensorBinding.Of("data", pinnedIn)], [TensorBinding.Of("prob", array)]);
        Same(expected, array);

        Tensor<float> tensor = Tensor.CreateFromShape<float>([20, 10]);
        runner.Run([TensorBinding.Of("data", deviceIn)], [TensorBinding.Of("prob", tensor)]);
        Same(expected, [.. tensor]);

        runner.Run([TensorBinding.Of("data", digits)], [TensorBinding.Of("prob", deviceOut)]);
        Same(expected, deviceOut.ToArray());
        deviceOut.Clear();
        runner.Run([TensorBinding.Of("data", deviceIn.Pointer, deviceIn.ByteLength, [20, 1, 28, 28])], [TensorBinding.Of("prob", deviceOut.Pointer, deviceOut.ByteLength)]);
        Same(expected, deviceOut.ToArray());

        // More than one run needs: only with the shape said.
        runner.Run([TensorBinding.Of("data", deviceIn, [2, 1, 28, 28])], [TensorBinding.Of("prob", pinnedOut)]);
        Same(expected[..20], pinnedOut.Span[..20].ToArray());
    }

    [Fact]
    public void ARentedContextIsWrittenAndReadInPlace()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Load(rig.LeNet((1, 20, 32))));
        using InferenceContext context = runner.Rent();
        context["data"].Shape = [20, 1, 28, 28];
        RunnerRig.Digits(20).CopyTo(context["data"].AsSpan<float>());
        context.InferShapes();
        Assert.Equal<Dims>([20, 10], context["prob"].Shape);
        context.Run();
        Same(RunnerRig.Probabilities(20), context["prob"].AsSpan<float>().ToArray());
        Assert.Equal([20, 10], context["prob"].ToTensor<float>().Lengths.ToArray());

        // The values stay; a strided view takes the result.
        Tensor<float> wide = Tensor.CreateFromShape<float>([20, 20]);
        context.Run();
        context["prob"].CopyTo(wide.AsTensorSpan()[..20, ..10]);
        float[] row = new float[10];
        wide.AsReadOnlyTensorSpan()[1..2, ..10].FlattenTo(row);
        Same(RunnerRig.Probabilities(20)[10..20], row);

        context["data"].CopyFrom(Tensor.Create(RunnerRig.Digits(20), [20, 1, 28, 28]).AsReadOnlyTensorSpan()[3..5, .., .., ..]);
        context.Run();
        Same(RunnerRig.Probabilities(20)[30..50], context["prob"].ToArray<float>());
        Assert.Equal(20, context["prob"].ElementCount);
    }

    [Fact]
    public void StreamsOfTheUserKeepTheirOrder()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Load(rig.LeNet((1, 20, 32))));
        using CudaStream first = new(TestDevice.Current), second = new(TestDevice.Current);
        using DeviceMemory<float> digits = new(20 * 784, TestDevice.Current), prob = new(200, TestDevice.Current);
        using PinnedMemory<float> source = new(20 * 784, TestDevice.Current);
        RunnerRig.Digits(20).CopyTo(source.Span);
        using InferenceContext context = runner.Rent();
        context["data"].Bind(digits);
        context["prob"].Bind(prob);
        using ManualResetEventSlim gate = new();
        first.Enqueue(gate.Wait);
        digits.CopyFromAsync(source, first);
        context.Enqueue(first);
        context.Enqueue(second); // must wait for the run on the first
        context.Enqueue();
        Assert.False(context.Stream.IsIdle);
        gate.Set();
        context.Synchronize();
        Same(RunnerRig.Probabilities(20), prob.ToArray());
        prob.Clear();
        context.Enqueue(second);
        Same(RunnerRig.Probabilities(20), context["prob"].ToArray<float>()); // reading waits
    }

    [Fact]
    public void RunsAllocateNothing()
    {
        using RunnerRig rig = new(release);
        InferenceRunner runner = rig.Runner(rig.Load(rig.LeNet((1, 20, 32))));
        float[] digits = RunnerRig.Digits(1);
        float[] prob = new float[10];
        TensorBinding[] inputs = [TensorBinding.Of("data", digits)];
        TensorBinding[] outputs = [TensorBinding.Of("prob", prob)];
        using InferenceContext context = runner.Rent();
        Assert.Equal(0, Allocated(() => runner.Run<float, float>(digits, prob)));
        Assert.Equal(0, Allocated(() => runner.Run(inputs, outputs)));
        Assert.Equal(0, Allocated(() =>
        {
            context["data"].CopyFrom<float>(digits);
            context.Run();
            context["prob"].CopyTo<float>(prob);
        }));
    }

    /// <summary>Bytes that the usual run allocates on this thread, once everything is warm.</summary>
    private static long Allocated(Action run)
    {
        long least = long.MaxValue;
        for (int round = 0; round < 20; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static void Same(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        float worst = expected.Zip(actual, (right, mine) => Math.Abs(right - mine)).Max();
        Assert.True(worst < Tolerance * (expected.Max() - expected.Min()), $"the largest difference is {worst}");
    }
}
