using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Lite.Tests.Running;

/// <summary>Numbers in, numbers out.</summary>
public class SpanTests
{
    [Fact]
    public void LeNet_gives_PyTorchs_numbers_for_all_digits_in_one_call()
    {
        using Engine engine = Rig.LeNet();
        float[] expected = Rig.Probabilities();
        float[] found = new float[expected.Length + 3];
        Assert.Equal(expected.Length, engine.Infer<float, float>(Rig.Digits(), found));
        Assert.All(Enumerable.Range(0, expected.Length), i => Assert.Equal(expected[i], found[i], 1e-4f));
        Assert.Equal([0, 0, 0], found[^3..]);
        Assert.Equal(13, engine.Report.Runs); // 200 digits, 16 at once
        Assert.Equal(200, engine.Report.Samples);
    }

    [Fact]
    public async Task Tasks_give_the_same_numbers()
    {
        await using Engine engine = Rig.LeNet();
        float[] digits = Rig.Digits();
        float[] expected = Rig.Probabilities();
        float[][] found = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            float[] part = new float[100];
            Assert.Equal(100, await engine.InferAsync<float, float>(digits.AsMemory(i * 7840, 7840), part));
            return part;
        }));
        float[] all = [.. found.SelectMany(part => part)];
        Assert.All(Enumerable.Range(0, expected.Length), i => Assert.Equal(expected[i], all[i], 1e-4f));
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.InferAsync<float, float>(digits.AsMemory(0, 784), new float[10], cancelled.Token).AsTask());
    }

    [Fact]
    public void Nothing_is_allocated_in_the_steady_state()
    {
        using Engine engine = Rig.LeNet();
        float[] digits = Rig.Digits()[..(784 * 32)];
        byte[] pixels = [.. digits.Select(value => (byte)MathF.Round(value))]; // 0 and 1
        float[] room = new float[320];
        Assert.Equal(0, Least(() => engine.Infer<float, float>(digits.AsSpan(0, 784), room)));
        Assert.Equal(0, Least(() => engine.Infer<float, float>(digits, room))); // two runs of 16
        Assert.Equal(0, Least(() => engine.Infer<byte, float>(pixels, room)));
        engine.SpanBatches.Overlaps = true;
        long two = Least(() => engine.Infer<float, float>(digits, room));
        float[] more = new float[784 * 160];
        float[] moreRoom = new float[1600];
        Assert.Equal(two, Least(() => engine.Infer<float, float>(more, moreRoom))); // ten runs: whatever a call costs, a run costs nothing

        static long Least(Action call)
        {
            long least = long.MaxValue;
            for (int round = 0; round < 20; round++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                call();
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return least;
        }
    }

    [Fact]
    public void Types_are_converted_and_lengths_checked()
    {
        using Engine engine = Rig.Doubles([-1, 3], min: 2);
        float[] room = new float[9];
        Assert.Equal(3, engine.Infer<byte, float>([1, 2, 3], room)); // the engine wants two samples at least
        Assert.Equal([2, 4, 6, 0], room[..4]);
        int[] whole = new int[15];
        Assert.Equal(15, engine.Infer<double, int>([.. Enumerable.Range(0, 15).Select(i => (double)i)], whole));
        Assert.Equal(Enumerable.Range(0, 15).Select(i => 2 * i), whole);
        Assert.Contains("given 4 values without a shape; expected 3 for a sample", Assert.Throws<ArgumentException>(() => engine.Infer<float, float>(new float[4], room)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => engine.Infer<float, float>([], room));
        Assert.Contains("there is room for 9", Assert.Throws<ArgumentException>(() => engine.Infer<float, float>(new float[12], room)).Message, StringComparison.Ordinal);
        Assert.Contains("int does not hold the 0.5 at 0", Assert.Throws<ArgumentException>(() => engine.Infer<float, int>([0.25f, 1, 1], whole)).Message, StringComparison.Ordinal);
        Assert.Contains("does not hold the double 0.1", Assert.Throws<ArgumentException>(() => engine.Infer<double, float>([0.1, 1, 1], room)).Message, StringComparison.Ordinal);
        using Engine two = Rig.TwoInputs();
        Assert.Contains("2 inputs and 2 outputs", Assert.Throws<InvalidOperationException>(() => two.Infer<float, float>(new float[3], room)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 9)]
    [InlineData(true, 1)]
    [InlineData(true, 4)]
    [InlineData(true, 8)]
    [InlineData(true, 9)]
    [InlineData(true, 23)]
    public void Several_inputs_and_outputs_are_split_into_runs(bool overlaps, int samples)
    {
        using Engine engine = Rig.TwoInputs(); // four samples at once
        engine.SpanBatches.Overlaps = overlaps;
        float[] a = [.. Enumerable.Range(0, samples * 3).Select(i => (float)i)];
        float[] b = [.. Enumerable.Range(0, samples * 3).Select(i => 1000f * i)];
        for (int round = 0; round < 3; round++)
        {
            double[] sum = new double[(samples * 3) + 1];
            double[] longer = new double[samples * 6];
            Assert.Equal(samples, engine.Infer<float, double>([a, b], [sum, longer]));
            Assert.Equal([.. a.Select(value => 1001.0 * value), 0], sum);
            Assert.Equal(Enumerable.Range(0, samples).SelectMany(i => a[(i * 3)..((i + 1) * 3)].Concat(b[(i * 3)..((i + 1) * 3)])).Select(value => (double)value), longer);
        }

        Assert.Equal(3 * samples, engine.Report.Samples);
        Assert.Equal(3 * ((samples + 3) / 4), engine.Report.Runs);
        Assert.Equal([1001f, 0, 0], engine.Infer((new float[] { 1, 0, 0 }, new float[] { 1000, 0, 0 }))["sum"].To<float[]>()); // the context has its own memory again
    }

    [Fact]
    public void Runs_that_overlap_give_PyTorchs_numbers()
    {
        using Engine engine = Rig.LeNet();
        engine.SpanBatches.Overlaps = true;
        float[] digits = Rig.Digits();
        float[] expected = Rig.Probabilities();
        float[] found = new float[expected.Length];
        for (int round = 0; round < 4; round++)
        {
            Array.Clear(found);
            Assert.Equal(expected.Length, engine.Infer<float, float>(digits, found));
            Assert.All(Enumerable.Range(0, expected.Length), i => Assert.Equal(expected[i], found[i], 1e-4f));
        }

        Assert.Equal(4 * 13, engine.Report.Runs);
        Assert.Contains("there is room for", Assert.Throws<ArgumentException>(() => engine.Infer<float, float>(digits, found.AsSpan(0, 170))).Message, StringComparison.Ordinal);
        Assert.Equal(expected.Length, engine.Infer<float, float>(digits, found)); // and nothing was left under way
        Assert.Equal(expected[0], found[0], 1e-4f);
    }

    [Fact]
    public void A_model_without_a_batch_runs_its_samples_one_by_one()
    {
        foreach (bool overlaps in (bool[])[false, true])
        {
            using Engine engine = Rig.Doubles([3], o => o.HasBatch = false);
            engine.SpanBatches.Overlaps = overlaps;
            float[] room = new float[9];
            Assert.Equal(9, engine.Infer<float, float>([1, 2, 3, 4, 5, 6, 7, 8, 9], room));
            Assert.Equal([2, 4, 6, 8, 10, 12, 14, 16, 18], room);
            Assert.Equal(3, engine.Report.Runs);
            using DeviceMemory<float> two = new(6, TestDevice.Current);
            Assert.Contains("no batch", Assert.Throws<ArgumentException>(() => engine.Infer(two, two)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Numbers_of_several_tensors_are_checked()
    {
        using Engine engine = Rig.TwoInputs();
        float[] three = new float[3];
        Assert.Contains("The model has 2 inputs, but 1 are given", Assert.Throws<ArgumentException>(() => engine.Infer<float, float>([three], [three, new float[6]])).Message, StringComparison.Ordinal);
        Assert.Contains("The model has 2 outputs, but 1 are given", Assert.Throws<ArgumentException>(() => engine.Infer<float, float>([three, three], [three])).Message, StringComparison.Ordinal);
        Assert.Contains("\"b\" is given 2 samples, but \"a\" 1", Assert.Throws<ArgumentException>(() => engine.Infer<float, float>([three, new float[6]], [three, new float[6]])).Message, StringComparison.Ordinal);
        Assert.Contains("\"longer\" has 1x6 values, but there is room for 3 more", Assert.Throws<ArgumentException>(() => engine.Infer<float, float>([three, three], [three, three])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_open_extent_follows_from_the_number_of_values()
    {
        using Engine engine = Rig.Doubles([-1, -1]);
        float[] room = new float[4];
        Assert.Equal(2, engine.Infer<float, float>([1, 2], room));
        Assert.Equal(4, engine.Infer<float, float>([1, 2, 3, 4], room));
        Assert.Equal([2, 4, 6, 8], room);
        Assert.Contains("profile 0 of", Assert.Throws<ArgumentException>(() => engine.Infer<float, float>(new float[5], new float[5])).Message, StringComparison.Ordinal);
        using Engine both = Rig.Doubles([-1, -1, -1]);
        Assert.Contains("several extents open", Assert.Throws<InvalidOperationException>(() => both.Infer<float, float>(new float[4], room)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Device_memory_goes_through_without_a_copy()
    {
        using Engine engine = Rig.Doubles([-1, 3]);
        using DeviceMemory<float> input = new(6, TestDevice.Current);
        using DeviceMemory<float> output = new(6, TestDevice.Current);
        input.CopyFrom([1, 2, 3, 4, 5, 6]);
        engine.Infer(input, output);
        Assert.Equal([2, 4, 6, 8, 10, 12], output.ToArray());
        using DeviceMemory<float> small = new(3, TestDevice.Current);
        Assert.Throws<ArgumentException>(() => engine.Infer(input, small));
    }

    [Fact]
    public void Use_after_disposal_is_told()
    {
        Engine engine = Rig.Doubles([-1, 3]);
        engine.Dispose();
        engine.Dispose();
        Assert.Throws<ObjectDisposedException>(() => engine.Infer<float, float>(new float[3], new float[3]));
        Assert.Throws<ObjectDisposedException>(() => engine.Infer<float[]>(new float[3]));
        Assert.Throws<ObjectDisposedException>(() => engine.WarmUp());
    }

    [Fact]
    public void Reports_have_every_stage()
    {
        using Engine engine = Rig.Doubles([-1, 3]);
        for (int i = 0; i < 100; i++)
        {
            engine.Infer<float[]>(new float[3]);
        }

        Report report = engine.Report;
        Assert.Equal((100, 100), (report.Samples, report.Runs));
        Assert.All(report.Stages, stage =>
        {
            Assert.Equal(100, stage.Count);
            Assert.InRange(stage.P50, TimeSpan.Zero, stage.P99);
            Assert.InRange(stage.P99, stage.P50, stage.Max + TimeSpan.FromTicks(1));
        });
        Assert.True(report[Stage.Total].Mean >= report[Stage.Run].Mean);
        Assert.Contains("100 samples in 100 runs", report.ToString(), StringComparison.Ordinal);
        engine.ResetReport();
        Assert.Equal(0, engine.Report.Runs);
    }

    [Fact]
    public void Percentiles_are_right_within_three_per_cent()
    {
        DurationHistogram histogram = new();
        Random random = new(5);
        long[] values = [.. Enumerable.Range(0, 10000).Select(_ => (long)Math.Exp(random.NextDouble() * 20))];
        Array.ForEach(values, histogram.Add);
        Array.Sort(values);
        StageReport report = histogram.Report(Stage.Run);
        Assert.InRange(report.P50.Ticks * 100.0 / values[5000], 0.965, 1.035);
        Assert.InRange(report.P99.Ticks * 100.0 / values[9900], 0.965, 1.035);
        Assert.InRange(report.Mean.Ticks * 100.0, values.Average() - 200, values.Average() + 200);
        Assert.InRange(report.Max.Ticks, (values[^1] / 100) - 1, (values[^1] / 100) + 1);
        histogram.Clear();
        Assert.Equal(TimeSpan.Zero, histogram.Report(Stage.Run).P99);
    }
}
