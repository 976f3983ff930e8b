using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Utils.Tests.Postprocessing;

/// <summary>Softmax, argmax and top-k through the API of devices, on the stand-in in host memory, against arithmetic.</summary>
public class ScoreTests
{
    [Fact]
    public void SoftmaxOfLogarithmsIsTheirShare()
    {
        float[] row = [.. new double[] { 1, 2, 3, 4 }.Select(value => (float)Math.Log(value))];
        Near([0.1, 0.2, 0.3, 0.4], Softmax(row, 4, 1));
        Near([0.1, 0.2, 0.3, 0.4], Softmax([.. row.Select(value => value + 90)], 4, 1)); // exp(94) is no float
        Near([0.1, 0.2, 0.3, 0.4], Softmax([.. row.Select(value => value - 1e3f)], 4, 1), 1e-4);
    }

    [Fact]
    public void AnAxisInFrontHasItsValuesApart()
    {
        // [2, 2, 3]: along the second axis, the sum of each pair three apart is 1.
        float[] values = [1, 2, 3, 4, 5, 6, -1, 0, 1, 1, 0, -1];
        double[] expected = [.. Enumerable.Range(0, 12).Select(i =>
        {
            int other = i % 6 < 3 ? i + 3 : i - 3;
            return 1 / (1 + Math.Exp(values[other] - (double)values[i]));
        })];
        Near(expected, Softmax(values, 2, 3));
    }

    [Fact]
    public void LongRowsAddUpToOne()
    {
        Random random = new(1);
        float[] scores = [.. Enumerable.Range(0, 300_000).Select(_ => random.NextSingle() * 3)];
        Assert.Equal(1, Softmax(scores, 300_000, 1).Sum(value => (double)value), 2e-6);
        Assert.Equal(3, Softmax(scores, 100_000, 3).Sum(value => (double)value), 6e-6);
        double whole = scores.Sum(score => Math.Exp(score));
        float[] row = Softmax(scores, 300_000, 1);
        Assert.All(Enumerable.Range(0, 100).Select(i => i * 2999), i => Assert.Equal(1, row[i] * whole / Math.Exp(scores[i]), 4e-6));
    }

    [Fact]
    public void WhatIsNoNumberSpoilsItsOwnLineOnly()
    {
        float[] values = Softmax([0, float.NaN, 0, 0, float.PositiveInfinity, 0, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, 0], 2, 1);
        Assert.All(values[..2], value => Assert.True(float.IsNaN(value)));
        Assert.Equal([0.5f, 0.5f], values[2..4]);
        Assert.True(float.IsNaN(values[4]));
        Assert.True(float.IsNaN(values[6]));
        Assert.Equal([0f, 1f], values[8..]);
    }

    [Fact]
    public void HalvesAreComputedInSinglePrecision()
    {
        using CudaStream stream = new(Device.Host);
        using DeviceMemory<Half> scores = new(2000, Device.Host), probabilities = new(2000, Device.Host);
        scores.CopyFrom([.. Enumerable.Range(0, 2000).Select(i => (Half)(i % 1000 == 7 ? 12 : 0))]);
        DeviceScores.Softmax(scores, 1000, 1, probabilities, stream);
        stream.Synchronize();
        double top = Math.Exp(12), sum = top + 999;
        Half[] result = probabilities.ToArray();
        Assert.Equal((Half)(top / sum), result[7]);
        Assert.Equal((Half)(1 / sum), result[1000]);
    }

    [Theory]
    [InlineData(1, new float[] { 1, 3, 3, 2 })]
    [InlineData(0, new float[] { -0f, 0, -1 })]
    [InlineData(1, new float[] { 1, float.NaN, float.PositiveInfinity, float.NaN })]
    [InlineData(2, new float[] { float.NegativeInfinity, -5, float.PositiveInfinity })]
    [InlineData(0, new float[] { float.NegativeInfinity, float.NegativeInfinity })]
    [InlineData(0, new float[] { 7 })]
    public void TheGreatestIsTheFirstOfEqualOnes(int expected, float[] row)
    {
        Assert.Equal(expected, Argmax(row, row.Length, 1)[0]);
        Assert.Equal([expected, expected], Argmax([.. row.SelectMany(value => (float[])[value, value])], row.Length, 2));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 1000, 5)]
    [InlineData(2, 5000, 3840)]
    [InlineData(1, 20000, 1000)]
    [InlineData(0, 10, 2)]
    public void TheGreatestAreThoseOfAStableSort(int rows, int width, int k)
    {
        Random random = new(width);
        float[] scores = [.. Enumerable.Range(0, rows * width).Select(_ => random.Next(width / 3) * 0.25f)];
        (float[] values, int[] places) = TopK(scores, rows, width, k);
        for (int row = 0; row < rows; row++)
        {
            int[] expected = [.. Enumerable.Range(0, width).OrderByDescending(i => scores[(row * width) + i]).Take(k)];
            Assert.Equal(expected, places[(row * k)..((row + 1) * k)]);
            Assert.Equal(expected.Select(i => scores[(row * width) + i]), values[(row * k)..((row + 1) * k)]);
        }
    }

    [Fact]
    public void NotANumberComesFirstAndZeroesAreEqual()
    {
        (float[] values, int[] places) = TopK([0, float.NaN, -0f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 0], 1, 7, 7);
        Assert.Equal([1, 5, 3, 0, 2, 6, 4], places);
        Assert.Equal(BitConverter.SingleToInt32Bits(-0f), BitConverter.SingleToInt32Bits(values[4]));
        int[] above = new int[7];
        Assert.Equal(2, HostScores.TopK([0.1f, 0.5f, float.NaN, 0.05f, 0.2f], above, 0.1f));
        Assert.Equal([1, 4], above[..2]);
    }

    [Fact]
    public void WhatCannotBeMeantIsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TopKSelection(1, 5000, TopKSelection.MaxK + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TopKSelection(1, 5, 6));
        Assert.Equal(0, new TopKSelection(1000, 2048, 5).WorkspaceBytes);
        TopKSelection wide = new(2, 2049, 5);
        using CudaStream stream = new(Device.Host);
        using DeviceMemory<float> scores = new(2 * 2049, Device.Host), values = new(10, Device.Host);
        using DeviceMemory<int> places = new(10, Device.Host), few = new(9, Device.Host);
        using DeviceMemory<byte> workspace = new(wide.WorkspaceBytes, Device.Host);
        Assert.Throws<ArgumentNullException>(() => wide.Run(scores, values, places, null, stream));
        Assert.Contains("40 bytes are needed", Assert.Throws<ArgumentException>(() => wide.Run(scores, values, few, workspace, stream)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => DeviceScores.Argmax(scores, 2049, 1, places, stream));
        Assert.Throws<ArgumentException>(() => DeviceScores.Softmax(scores, 4, 1, values, stream));
        Device other = Device.Of(new HostDeviceApi(1))[0];
        using DeviceMemory<float> elsewhere = new(2 * 2049, other);
        Assert.Contains("must be of one device", Assert.Throws<ArgumentException>(() => DeviceScores.Softmax(elsewhere, 2049, 1, scores, stream)).Message, StringComparison.Ordinal);
    }

    /// <summary>Calls queued on a stream keep their own arguments, also those that a graph runs again and again.</summary>
    [Fact]
    public void GraphsRecordThem()
    {
        using CudaStream stream = new(Device.Host);
        using DeviceMemory<float> scores = new(4, Device.Host);
        using DeviceMemory<int> first = new(1, Device.Host), second = new(2, Device.Host);
        stream.BeginCapture();
        DeviceScores.Argmax(scores, 4, 1, first, stream);
        DeviceScores.Argmax(scores, 2, 1, second, stream);
        using CudaGraph graph = stream.EndCapture();
        using CudaGraphExec launch = graph.Instantiate();
        foreach ((float[] values, int one, int[] two) in ((float[], int, int[])[])[([1, 2, 4, 3], 2, [1, 0]), ([9, 2, 4, 5], 0, [0, 1])])
        {
            scores.CopyFrom(values);
            launch.Launch(stream);
            stream.Synchronize();
            Assert.Equal([one], first.ToArray());
            Assert.Equal(two, second.ToArray());
        }
    }

    [Fact]
    public void CallsAllocateNothing()
    {
        CudaStream stream = Device.Host.DefaultStream; // runs in this thread
        using DeviceMemory<float> scores = new(3000, Device.Host), values = new(20, Device.Host);
        using DeviceMemory<int> places = new(20, Device.Host);
        scores.Clear();
        TopKSelection selection = new(2, 1500, 10);
        Call();
        Call();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Call();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Call()
        {
            DeviceScores.Softmax(scores, 3, 1, scores, stream);
            DeviceScores.Softmax(scores, 3, 10, scores, stream);
            selection.Run(scores, values, places, null, stream);
        }
    }

    private static void Near(double[] expected, float[] actual, double tolerance = 1e-6)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    private static float[] Softmax(float[] scores, int extent, int inner)
    {
        using CudaStream stream = new(Device.Host);
        using DeviceMemory<float> memory = new(scores.Length, Device.Host), result = new(scores.Length, Device.Host);
        memory.CopyFrom(scores);
        DeviceScores.Softmax(memory, extent, inner, result, stream);
        stream.Synchronize();
        return result.ToArray();
    }

    private static int[] Argmax(float[] scores, int extent, int inner)
    {
        using CudaStream stream = new(Device.Host);
        using DeviceMemory<float> memory = new(scores.Length, Device.Host);
        using DeviceMemory<int> places = new(scores.Length / extent, Device.Host);
        memory.CopyFrom(scores);
        DeviceScores.Argmax(memory, extent, inner, places, stream);
        stream.Synchronize();
        return places.ToArray();
    }

    private static (float[] Values, int[] Places) TopK(float[] scores, int rows, int width, int k)
    {
        TopKSelection selection = new(rows, width, k);
        using CudaStream stream = new(Device.Host);
        using DeviceMemory<float> memory = new(scores.Length, Device.Host), values = new((long)rows * k, Device.Host);
        using DeviceMemory<int> places = new((long)rows * k, Device.Host);
        using DeviceMemory<byte> workspace = new(selection.WorkspaceBytes, Device.Host);
        memory.CopyFrom(scores);
        selection.Run(memory, values, places, workspace, stream);
        stream.Synchronize();
        return (values.ToArray(), places.ToArray());
    }
}
