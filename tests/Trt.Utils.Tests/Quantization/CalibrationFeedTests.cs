using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Quantization;

/// <summary>Batches are made of what sources give: divided, joined, filled up, checked. Which values were shown is seen by the range.</summary>
public class CalibrationFeedTests
{
    [Theory]
    [InlineData(7, 2, 6, 3, 2)] // 1…7 by 2: the last one does not fill a batch
    [InlineData(7, 7, 7, 1, 7)]
    [InlineData(7, 100, 7, 1, 7)] // fewer than a batch: one batch of all
    [InlineData(6, 3, 6, 2, 3)]
    public void Items_that_do_not_fill_a_batch_are_left_out(int items, int batch, float greatest, int batches, int size)
    {
        using Rig rig = new();
        using Int8Calibration calibration = Items(items, batch);
        Assert.Equal(greatest / 127, Tiny.Calibrate(calibration, [-1, 1], rig), 1e-6f);
        string left = items > batches * size ? $"; the last {items - (batches * size)} items did not fill a batch and were left out" : string.Empty;
        Assert.Contains(rig.Log.Lines, line => line.Text == $"Calibration was shown {batches} batches of {size}{left}.");
    }

    [Theory]
    [InlineData(4, 8)] // the network's batch counts: 1…4, 5…8, and 9 is left out
    [InlineData(9, 9)]
    [InlineData(1, 9)]
    public void A_fixed_batch_is_the_networks(int fixedBatch, float greatest)
    {
        using Int8Calibration items = Items(9, 2);
        Assert.Equal(greatest / 127, Tiny.Calibrate(items, [fixedBatch, 1]), 1e-6f);

        // Batches of 2, 3 and 4 are cut to the same.
        using Int8Calibration batches = MinMax(Int8Calibration.FromBatches(Cut(2, 3, 4)));
        Assert.Equal(greatest / 127, Tiny.Calibrate(batches, [fixedBatch, 1]), 1e-6f);
    }

    [Fact]
    public void Batches_of_other_sizes_than_the_first_are_divided_and_joined()
    {
        using Int8Calibration calibration = MinMax(Int8Calibration.FromBatches(Cut(2, 5, 2)));
        Assert.Equal(8f / 127, Tiny.Calibrate(calibration, [-1, 1]), 1e-6f);
    }

    [Fact]
    public void Smaller_items_are_filled_up_with_zeros()
    {
        using Rig rig = new();
        CalibrationTensor[] items = [CalibrationTensor.From([1f, 2, 3, 4], 2, 2), CalibrationTensor.From([5f, 6], 1, 2), CalibrationTensor.From([7f, 8, 9, 10, 11, 12], 2, 3)];
        CalibrationFeed feed = Feed(items, [2, 3]);
        Assert.True(feed.Next());
        Assert.Equal(new Dims(3, 2, 3), feed.Shapes[0]);
        Assert.Equal([1, 2, 0, 3, 4, 0, 5, 6, 0, 0, 0, 0, 7, 8, 9, 10, 11, 12], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(feed.Batch[0]).ToArray());
        Assert.False(feed.Next());
    }

    [Fact]
    public void Numbers_take_the_type_of_the_input()
    {
        Assert.Equal(3f / 127, Calibrate(CalibrationTensor.From([(Half)1, (Half)(-3)], 1, 2), DataType.Float));
        Assert.Equal(200f / 127, Calibrate(CalibrationTensor.From((byte[])[1, 200], 1, 2), DataType.Float));
        Assert.Equal(5f / 127, Calibrate(CalibrationTensor.From((double[])[5, 1], 1, 2), DataType.Float));
        Assert.Equal(7f / 127, Calibrate(CalibrationTensor.From((long[])[7, -2], 1, 2), DataType.Int32), 1e-6f);
        Assert.Equal(7f / 127, Calibrate(CalibrationTensor.From((int[])[-7, 2], 1, 2), DataType.Int64), 1e-6f);

        static float Calibrate(CalibrationTensor tensor, DataType type)
        {
            using Int8Calibration calibration = MinMax(Int8Calibration.FromBatches([tensor]));
            using Rig rig = new();
            INetworkDefinition network = Tiny.Define(rig, [1, 2], type);
            IBuilderConfig config = rig.Config();
            calibration.Apply(rig.Builder, network, config, rig.Library);
            rig.Plan(network, config);
            return calibration.Scales[type == DataType.Float ? "x" : "numbers"];
        }
    }

    [Fact]
    public void An_empty_set_is_refused()
    {
        using Int8Calibration calibration = Int8Calibration.FromItems(Array.Empty<int>(), _ => CalibrationTensor.From([1f]), cacheFile: null);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Tiny.Calibrate(calibration, [-1, 1]));
        Assert.Contains("The calibration set is empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_items_than_a_fixed_batch_are_refused()
    {
        using Int8Calibration calibration = Items(3, 100);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Tiny.Calibrate(calibration, [4, 1]));
        Assert.Contains("holds 3 items, but input \"x\" of shape [4, 1] takes 4 at a time", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wrong shape", "item 2 (third) has shape [3] for input \"x\", but [2] is expected")]
    [InlineData("not a number", "item 2 (third) has a value for input \"x\" that is not a finite number, at [1]")]
    [InlineData("infinite", "item 2 (third) has a value for input \"x\" that is not a finite number, at [0]")]
    [InlineData("unknown name", "item 2 (third) has a tensor \"z\", but the network's inputs are \"x\"")]
    [InlineData("no tensor", "item 2 (third) has no tensor for input \"x\"")]
    [InlineData("wrong type", "item 2 (third) has elements of type Bool for input \"x\", which takes Float")]
    [InlineData("throws", "item 2 (third) cannot be loaded: no such picture")]
    [InlineData("null", "item 2 (third) cannot be loaded: The calibration set's item 2 (third) is null")]
    public void A_wrong_item_is_named(string fault, string text)
    {
        using Int8Calibration calibration = Int8Calibration.FromItems<string>(["first", "second", "third"], Load, streamBatchSize: 1, cacheFile: null);
        Exception error = Assert.Throws<TensorRtException>(() => Tiny.Calibrate(calibration, [-1, 2]));
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidDataException>(TestTarget.Thrown(error));

        IReadOnlyDictionary<string, CalibrationTensor> Load(string item) => item != "third" ? One("x", CalibrationTensor.From([1f, 2])) : fault switch
        {
            "wrong shape" => One("x", CalibrationTensor.From([1f, 2, 3])),
            "not a number" => One("x", CalibrationTensor.From([1f, float.NaN])),
            "infinite" => One("x", CalibrationTensor.From([float.NegativeInfinity, 1])),
            "unknown name" => One("z", CalibrationTensor.From([1f, 2])),
            "no tensor" => new Dictionary<string, CalibrationTensor>(),
            "wrong type" => One("x", CalibrationTensor.From([true, false])),
            "throws" => throw new IOException("no such picture"),
            _ => null!,
        };

        static Dictionary<string, CalibrationTensor> One(string name, CalibrationTensor tensor) => new() { [name] = tensor };
    }

    [Fact]
    public void A_shape_that_the_network_does_not_take_is_refused_before_the_build()
    {
        using Int8Calibration calibration = Int8Calibration.FromBatches([CalibrationTensor.From([1f, 2, 3], 1, 3)]);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Tiny.Calibrate(calibration, [-1, 2]));
        Assert.Contains("batch 0 makes batches of shape [1, 3] for input \"x\", which has shape [-1, 2]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancellation_ends_the_reading()
    {
        using CancellationTokenSource source = new();
        using Int8Calibration calibration = Int8Calibration.FromItems(Enumerable.Range(0, 1000), item =>
        {
            if (item == 5)
            {
                source.Cancel();
            }

            return CalibrationTensor.From([1f]);
        }, streamBatchSize: 1, cacheFile: null);
        Exception error = Assert.ThrowsAny<Exception>(() => Tiny.Calibrate(calibration, [-1, 1], cancellation: source.Token));
        Assert.True(error is OperationCanceledException || TestTarget.Thrown(error) is OperationCanceledException, error.ToString());
    }

    [Fact]
    public void Several_inputs_are_fed_by_name()
    {
        using Rig rig = new();
        INetworkDefinition network = rig.Network();
        ITensor a = network.AddInput("a", DataType.Float, [-1, 2]);
        ITensor b = network.AddInput("b", DataType.Float, [-1, 2]);
        ITensor y = network.AddElementWise(a, b, ElementWiseOperation.Sum).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        IBuilderConfig config = rig.Config();
        rig.Profile(config, ("a", [1, 2], [4, 2]), ("b", [1, 2], [4, 2]));
        using Int8Calibration calibration = MinMax(Int8Calibration.FromBatches([new Dictionary<string, CalibrationTensor> { ["b"] = CalibrationTensor.From([1f, -50], 1, 2), ["a"] = CalibrationTensor.From([2f, 3], 1, 2) }]));
        calibration.Apply(rig.Builder, network, config, rig.Library);
        rig.Plan(network, config);
        Assert.Equal((3f / 127, 50f / 127, 47f / 127), (calibration.Scales["a"], calibration.Scales["b"], calibration.Scales["y"]));
    }

    [Fact]
    public void A_tensor_must_fill_its_shape()
    {
        Assert.Contains("has 6 elements, but 5 values", Assert.Throws<ArgumentException>(() => CalibrationTensor.From(new float[5], 2, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("Char", Assert.Throws<ArgumentException>(() => CalibrationTensor.From(new char[6], 2, 3)).Message, StringComparison.Ordinal);
    }

    private static Int8Calibration Items(int count, int batch) => MinMax(Int8Calibration.FromItems(Enumerable.Range(1, count), item => CalibrationTensor.From([(float)item]), streamBatchSize: batch, cacheFile: null));

    private static Int8Calibration MinMax(Int8Calibration calibration)
    {
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        return calibration;
    }

    /// <summary>1, 2, 3 … in batches of these sizes.</summary>
    private static List<CalibrationTensor> Cut(params int[] sizes)
    {
        int next = 1;
        return [.. sizes.Select(size => CalibrationTensor.From(Enumerable.Range(0, size).Select(_ => (float)next++).ToArray(), size, 1))];
    }

    private static CalibrationFeed Feed(CalibrationTensor[] items, Dims greatest) => CalibrationFeed.Open(
        new CalibrationSource { Read = (_, _) => items.Select((item, index) => CalibrationSample.Of($"item {index}", item)), IsItems = true, BatchSize = 3, MaxItemShape = greatest },
        [new CalibrationInput("x", DataType.Float, [-1, -1, -1])], default);
}
