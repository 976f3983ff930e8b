using System.Buffers;
using System.Numerics.Tensors;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;
using ITensor = Trt.Interop.ITensor;

namespace Trt.Lite.Tests.Inputs;

/// <summary>Each row of the table of what inputs may be given, and in which form results come back. y = x + x, at most 4 samples a run.</summary>
public class InputFormTests
{
    [Fact]
    public void One_sample_gives_one_result()
    {
        using Engine engine = Rig.Doubles([-1, 2, 3]);
        float[,] sample = { { 1, 2, 3 }, { 4, 5, 6 } };
        Assert.Equal(new float[,] { { 2, 4, 6 }, { 8, 10, 12 } }, engine.Infer<float[,]>(sample));
        Assert.Equal([2, 4, 6, 8, 10, 12], engine.Infer<float[]>(sample));
        Assert.Equal([2, 3], engine.Infer<Tensor<float>>(sample).Lengths.ToArray());
        Assert.Equal([[2, 4, 6], [8, 10, 12]], engine.Infer<float[][]>(sample));
        Assert.Equal(1, engine.Report.Samples / 4);
    }

    [Fact]
    public void One_batch_gives_one_batch_of_results()
    {
        using Engine engine = Rig.Doubles([-1, 2]);
        float[,] batch = { { 1, 2 }, { 3, 4 }, { 5, 6 } };
        Assert.Equal(new float[,] { { 2, 4 }, { 6, 8 }, { 10, 12 } }, engine.Infer<float[,]>(batch));
        Assert.Equal([[2, 4], [6, 8], [10, 12]], engine.Infer<float[][]>(batch));
        Assert.Equal([3, 2], engine.Infer<Tensor<float>>(batch).Lengths.ToArray());
        Assert.Equal(3, engine.Report.Runs);
    }

    [Fact]
    public void A_batch_beyond_the_maximum_is_split_and_joined()
    {
        using Engine engine = Rig.Doubles([-1, 1]);
        float[,] batch = new float[11, 1];
        for (int i = 0; i < 11; i++)
        {
            batch[i, 0] = i;
        }

        Assert.Equal(Enumerable.Range(0, 11).Select(i => 2f * i), engine.Infer<float[]>(batch));
        Assert.Equal(3, engine.Report.Runs);
        Assert.Equal(11, engine.Report.Samples);
    }

    [Fact]
    public void A_list_of_samples_gives_a_list_of_results_in_order()
    {
        using Engine engine = Rig.Doubles([-1, 2]);
        List<float[]> samples = [.. Enumerable.Range(0, 9).Select(i => new float[] { i, -i })];
        float[][] results = engine.Infer<float[][]>(samples);
        Assert.Equal(9, results.Length);
        Assert.All(Enumerable.Range(0, 9), i => Assert.Equal([2f * i, -2f * i], results[i]));
        Assert.Equal(3, engine.Report.Runs);
        IReadOnlyList<float[]> list = engine.Infer<IReadOnlyList<float[]>>(samples.ToArray());
        Assert.Equal(results, list);
        Assert.Equal([2], engine.Infer<Tensor<float>[]>(samples)[8].Lengths.ToArray());
        Assert.Equal([[2, 4], [6, 8]], engine.Infer<float[][]>([new float[] { 1, 2 }, new float[] { 3, 4 }]));
    }

    [Fact]
    public void A_list_of_batches_gives_a_list_of_batches_of_the_same_sizes()
    {
        using Engine engine = Rig.Doubles([-1, 1]);
        List<float[,]> batches = [Batch(0, 3), Batch(3, 1), Batch(4, 6), Batch(10, 0)];
        float[][,] results = engine.Infer<float[][,]>(batches[..3]);
        Assert.Equal([3, 1, 6], results.Select(batch => batch.GetLength(0)));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => 2f * i), results.SelectMany(batch => batch.Cast<float>()));
        Assert.Equal(3, engine.Report.Runs); // 10 samples, 4 at once
        float[][] flat = engine.Infer<float[][]>(batches);
        Assert.Equal([3, 1, 6, 0], flat.Select(batch => batch.Length));
        float[][][] rows = engine.Infer<float[][][]>(batches);
        Assert.Equal(18, rows[2][5][0]);

        static float[,] Batch(int first, int count)
        {
            float[,] batch = new float[count, 1];
            for (int i = 0; i < count; i++)
            {
                batch[i, 0] = first + i;
            }

            return batch;
        }
    }

    [Fact]
    public void A_list_in_a_list_is_a_batch()
    {
        using Engine engine = Rig.Doubles([-1, 2]);
        List<float[][]> batches = [[[1, 2], [3, 4], [5, 6]], [[7, 8]], [], [[9, 10], [11, 12]]];
        float[][][] results = engine.Infer<float[][][]>(batches);
        Assert.Equal([3, 1, 0, 2], results.Select(batch => batch.Length));
        Assert.Equal([[14, 16]], results[1]);
        Assert.Equal(2, engine.Report.Runs); // 6 samples, 4 at once
        Assert.Equal([2, 2], engine.Infer<Tensor<float>[]>(batches)[3].Lengths.ToArray());

        using Engine pictures = Rig.Same([-1, 1, 1, 2], DataType.UInt8, o => o.Postprocess(Post.Argmax));
        int[][] sorted = pictures.Infer<int[][]>(new List<Image[]> { new[] { Picture(1, 2), Picture(2, 1) }, new[] { Picture(0, 9) } });
        Assert.Equal([[1, 0], [1]], sorted);

        SampleException error = Assert.Throws<SampleException>(() => engine.Infer<float[][][]>(new List<float[][]> { new[] { new float[2] }, new[] { new float[2], new float[3] } }));
        Assert.Equal("Sample 1: Input \"x\" is given 3; expected 2 for a sample, or Nx2 for a batch.", error.Message);
        Assert.Contains("its item 0 is none", Assert.Throws<SampleException>(() => engine.Infer<float[][][]>(new List<float[][,]> { new[] { new float[1, 2] } })).Message, StringComparison.Ordinal);
        Assert.Contains("samples come first, but 1 is a batch", Assert.Throws<ArgumentException>(() => engine.Infer<float[][][]>(new object[] { new float[2], new[] { new float[2] } })).Message, StringComparison.Ordinal);

        static Image Picture(byte left, byte right) => new(2, 1, PixelFormat.Grey8, [left, right]);
    }

    [Fact]
    public void Lists_of_samples_and_of_batches_are_given_by_name()
    {
        using Engine engine = Rig.TwoInputs();
        Dictionary<string, object> lists = new() { ["a"] = Enumerable.Range(0, 6).Select(i => new[] { i, i, i }).ToList(), ["b"] = new float[6][].Select(_ => new float[] { 1, 2, 3 }).ToArray() };
        Assert.Equal([6, 7, 8], engine.Infer(lists)["sum"].To<float[][]>()[5]);
        Dictionary<string, float[][,]> batches = new() { ["a"] = [new float[3, 3], new float[2, 3]], ["b"] = [new float[,] { { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8, 9 } }, new float[2, 3]] };
        float[][,] sums = engine.Infer(batches)["sum"].To<float[][,]>();
        Assert.Equal((2, 9, 2), (sums.Length, sums[0][2, 2], sums[1].GetLength(0)));

        List<Dictionary<string, float[]>> samples = [new() { ["b"] = [1, 1, 1], ["a"] = [1, 2, 3] }, new() { ["a"] = [0, 0, 0], ["b"] = [4, 5, 6] }];
        Assert.Equal([[2, 3, 4], [4, 5, 6]], engine.Infer(samples)["sum"].To<float[][]>());
        samples[1]["c"] = [1];
        Assert.Equal("\"c\" is no input of the model, which has the inputs a, b.", Assert.Throws<ArgumentException>(() => engine.Infer(samples)).Message);

        using Engine single = Rig.Doubles([-1, 2]);
        Assert.Equal([2, 4], single.Infer<float[]>(new Dictionary<string, float[]> { ["x"] = [1, 2] }));
        Assert.Equal([[2, 4]], single.Infer<float[][]>(new List<Dictionary<string, float[]>> { new() { ["x"] = [1, 2] } }));
    }

    [Fact]
    public void Postprocessed_results_have_the_form_of_the_inputs()
    {
        using Engine engine = Rig.Doubles([-1, 3], o => o.Postprocess(Post.Argmax));
        Assert.Equal(1, engine.Infer<int>(new float[] { 1, 9, 3 }));
        Assert.Equal([0, 2], engine.Infer<int[]>(new float[,] { { 3, 2, 1 }, { 1, 2, 3 } }));
        Assert.Equal([2, 1, 0, 2, 1], engine.Infer<int[]>(new List<float[]> { Top(2), Top(1), Top(0), Top(2), Top(1) }));
        Assert.Equal([2, 1], engine.Infer<IReadOnlyList<int>>(new List<float[]> { Top(2), Top(1) }));
        int[][] batches = engine.Infer<int[][]>(new List<float[,]> { new float[,] { { 1, 2, 3 } }, new float[,] { { 3, 2, 1 }, { 1, 3, 2 } } });
        Assert.Equal([[2], [0, 1]], batches);
        Assert.Equal(2, engine.Infer<int>(new float[,] { { 1, 2, 3 } })); // a batch of one

        static float[] Top(int place)
        {
            float[] scores = new float[3];
            scores[place] = 1;
            return scores;
        }
    }

    [Fact]
    public void Several_inputs_are_given_by_name_and_come_back_by_name()
    {
        using Engine engine = Rig.TwoInputs();
        Trt.Lite.Outputs outputs = engine.Infer(new Dictionary<string, Input> { ["b"] = new float[] { 10, 20, 30 }, ["a"] = new double[] { 1, 2, 3 } });
        Assert.Equal(["sum", "longer"], outputs.Keys);
        Assert.StartsWith("sum: float[], an array of as many axes, or Tensor<float>; longer: ", outputs.ToString(), StringComparison.Ordinal);
        Assert.Equal([11, 22, 33], outputs["sum"].To<float[]>());
        Assert.Equal([1, 2, 3, 10, 20, 30], outputs["longer"].To<float[]>());

        outputs = engine.Infer(new Dictionary<string, float[,]> { ["a"] = new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }, ["b"] = new float[,] { { 1, 1, 1 }, { 2, 2, 2 } } });
        Assert.Equal(new float[,] { { 2, 3, 4 }, { 6, 7, 8 } }, outputs["sum"].To<float[,]>());
    }

    [Fact]
    public void Several_inputs_are_given_as_a_tuple_and_come_back_as_one()
    {
        using Engine engine = Rig.TwoInputs();
        (float[] sum, Tensor<float> longer) = engine.Infer((new float[] { 1, 2, 3 }, new float[] { 4, 5, 6 })).To<float[], Tensor<float>>();
        Assert.Equal([5, 7, 9], sum);
        Assert.Equal([6], longer.Lengths.ToArray());

        List<(float[], float[])> samples = [.. Enumerable.Range(0, 6).Select(i => (new float[] { i, i, i }, new float[] { 1, 2, 3 }))];
        float[][] sums = engine.Infer(samples)["sum"].To<float[][]>();
        Assert.All(Enumerable.Range(0, 6), i => Assert.Equal([i + 1, i + 2, i + 3], sums[i]));

        (float[][] lists, _) = engine.Infer((new[] { new float[3], new float[3] }, new List<float[]> { new float[] { 1, 2, 3 }, new float[3] })).To<float[][], float[][]>();
        Assert.Equal([[1, 2, 3], [0, 0, 0]], lists);
    }

    [Fact]
    public void Unequal_counts_of_several_inputs_are_refused()
    {
        using Engine engine = Rig.TwoInputs();
        ArgumentException error = Assert.Throws<ArgumentException>(() => engine.Infer((new float[2, 3], new float[3, 3])));
        Assert.Equal("Input \"a\" is given a batch of 2, but \"b\" a batch of 3: give all inputs in the same form, with equal counts.", error.Message);
        error = Assert.Throws<ArgumentException>(() => engine.Infer((new float[3], new float[1, 3])));
        Assert.StartsWith("Input \"a\" is given one sample, but \"b\" a batch of 1", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => engine.Infer(new float[3]));
        Assert.Equal("The model has the inputs a, b: give a dictionary by name, or a tuple in this order.", error.Message);
        error = Assert.Throws<ArgumentException>(() => engine.Infer(new Dictionary<string, Input> { ["a"] = new float[3] }));
        Assert.Equal("Input \"b\" is not given.", error.Message);
        error = Assert.Throws<ArgumentException>(() => engine.Infer(new Dictionary<string, Input> { ["a"] = new float[3], ["c"] = new float[3] }));
        Assert.Equal("\"c\" is no input of the model, which has the inputs a, b.", error.Message);
        InvalidOperationException unclear = Assert.Throws<InvalidOperationException>(() => engine.Infer<float[]>((new float[3], new float[3])));
        Assert.StartsWith("The engine has the results sum, longer: ask for Outputs", unclear.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, object> Sixes => new()
    {
        { "byte", new byte[] { 1, 2, 3 } },
        { "sbyte", new sbyte[] { 1, 2, 3 } },
        { "short", new short[] { 1, 2, 3 } },
        { "ushort", new ushort[] { 1, 2, 3 } },
        { "int", new[] { 1, 2, 3 } },
        { "uint", new uint[] { 1, 2, 3 } },
        { "long", new long[] { 1, 2, 3 } },
        { "ulong", new ulong[] { 1, 2, 3 } },
        { "Half", new[] { (Half)1, (Half)2, (Half)3 } },
        { "double", new double[] { 1, 2, 3 } },
        { "list", new List<float> { 1, 2, 3 } },
        { "sequence", Enumerable.Range(1, 3).Select(i => (float)i) },
        { "memory", new ReadOnlyMemory<float>([1, 2, 3]) },
        { "memory to write", new Memory<int>([1, 2, 3]) },
        { "tensor", Tensor.Create<double>([1, 2, 3], [3]) },
        { "view of a tensor", Tensor.Create<float>([9, 1, 2, 3, 9], [5]).Slice([new NRange(1, 4)]) },
    };

    [Theory]
    [MemberData(nameof(Sixes))]
    public void Numbers_of_other_types_and_holders_are_converted_where_nothing_is_lost(string holder, object numbers)
    {
        using Engine engine = Rig.Doubles([-1, 3]);
        Assert.Equal([2, 4, 6], engine.Infer<float[]>(Input.Of(numbers)));
        Assert.NotEmpty(holder);
    }

    [Fact]
    public void Spans_and_scalars_and_page_locked_memory_are_taken()
    {
        using Engine engine = Rig.Doubles([-1, 3]);
        Span<float> numbers = [1, 2, 3];
        Assert.Equal([2, 4, 6], engine.Infer<float, float[]>(numbers));
        Assert.Equal([[2, 4, 6], [8, 10, 12]], engine.Infer<float, float[][]>([1, 2, 3, 4, 5, 6]));
        Assert.Equal([[2, 4, 6]], engine.Infer<float, float[][]>(numbers, [1, 3]));

        using PinnedMemory<float> pinned = new(3, TestDevice.Current);
        numbers.CopyTo(pinned.Span);
        Assert.Equal([2, 4, 6], engine.Infer<float[]>(Input.Of(pinned)));

        using Engine scalar = Rig.Doubles([-1]);
        Assert.Equal(14, scalar.Infer<float>(7f));
        Assert.Equal(14, scalar.Infer<int>(7));
        Assert.Equal(14L, scalar.Infer<long>(7.0));
        Assert.Equal([2, 4], scalar.Infer<float[]>(new float[] { 1, 2 }));
        Assert.Equal([2, 4, 6], scalar.Infer<float[]>([1, 2f, 3L]));
    }

    [Fact]
    public void Arrays_of_any_rank_are_taken()
    {
        using Engine engine = Rig.Doubles([-1, 1, 1, 2, 1, 2]);
        float[,,,,] sample = new float[1, 1, 2, 1, 2];
        sample[0, 0, 1, 0, 1] = 3;
        Assert.Equal([0, 0, 0, 6], engine.Infer<float[]>(sample));
        float[,,,,,] batch = new float[2, 1, 1, 2, 1, 2];
        batch[1, 0, 0, 0, 0, 1] = 5;
        Assert.Equal([[0, 0, 0, 0], [0, 10, 0, 0]], engine.Infer<float[][]>(batch));
        Assert.Equal(4, engine.Infer<float[]>(new float[4]).Length); // flat: the model's order
        Assert.Equal(2, engine.Infer<float[][]>(new float[8]).Length);
    }

    [Fact]
    public void What_would_be_lost_is_refused_unless_conversion_is_asked()
    {
        using (Engine engine = Rig.Doubles([-1, 3]))
        {
            ArgumentException error = Assert.Throws<ArgumentException>(() => engine.Infer<float[]>(new[] { 1, 0.1, 3 }));
            Assert.Equal("Input \"x\" takes float, which does not hold the double 0.1 at 1 exactly: convert it yourself, or set EngineOptions.Convert.", error.Message);
            Assert.Contains("the int 16777217 at 2 exactly", Assert.Throws<ArgumentException>(() => engine.Infer<float[]>(new[] { 1, 2, 16777217 })).Message, StringComparison.Ordinal);
        }

        using (Engine engine = Rig.Doubles([-1, 3], o => o.Convert = true))
        {
            Assert.Equal([2, 0.2f, 6], engine.Infer<float[]>(new[] { 1, 0.1, 3 }));
        }

        using Engine whole = Rig.Doubles([-1, 2], type: DataType.Int32);
        Assert.Equal([2, 4], whole.Infer<int[]>(new float[] { 1, 2 }));
        Assert.Contains("takes int, which does not hold the float 1.5 at 0", Assert.Throws<ArgumentException>(() => whole.Infer<int[]>(new float[] { 1.5f, 2 })).Message, StringComparison.Ordinal);
        Assert.Contains("the long 4294967296 at 1", Assert.Throws<ArgumentException>(() => whole.Infer<int[]>(new[] { 1L, 1L << 32 })).Message, StringComparison.Ordinal);
    }

    public static TheoryData<DataType, object, string, double[]> Losses => new()
    {
        { DataType.Half, new[] { 0.1, 2 }, "takes Half, which does not hold the double 0.1 at 0 exactly", [0.0999755859375, 2] },
        { DataType.Half, new[] { 3, 2049 }, "takes Half, which does not hold the int 2049 at 1 exactly", [3, 2048] },
        { DataType.Int8, new byte[] { 1, 200 }, "takes sbyte, which does not hold the byte 200 at 1 exactly", [1, 127] },
        { DataType.Int8, new[] { -300, 5 }, "takes sbyte, which does not hold the int -300 at 0 exactly", [-128, 5] },
        { DataType.UInt8, new[] { -1f, 255 }, "takes byte, which does not hold the float -1 at 0 exactly", [0, 255] },
        { DataType.UInt8, new[] { (Half)1.75f, (Half)3 }, "takes byte, which does not hold the Half 1.75 at 0 exactly", [1, 3] },
        { DataType.Int32, new[] { 1e10, -1.5 }, "takes int, which does not hold the double 10000000000 at 0 exactly", [int.MaxValue, -1] },
        { DataType.Int64, new[] { double.NaN, 1 }, "takes long, which does not hold the double NaN at 0 exactly", [0, 1] },
        { DataType.Float, new[] { long.MaxValue, 1 }, "takes float, which does not hold the long 9223372036854775807 at 0 exactly", [9223372036854775808.0, 1] },
        { DataType.BF16, new[] { 257, 1 }, "does not hold the int 257 at 0 exactly", [256, 1] },
        { DataType.Bool, new byte[] { 0, 2 }, "takes bool, which does not hold the byte 2 at 1 exactly", [0, 1] },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public void Each_type_is_refused_where_it_would_lose_and_rounded_and_limited_where_that_is_asked(DataType type, object numbers, string refusal, double[] rounded)
    {
        using (Engine engine = Rig.Same([-1, 2], type))
        {
            Assert.Contains(refusal, Assert.Throws<ArgumentException>(() => engine.Infer<double[]>(Input.Of(numbers))).Message, StringComparison.Ordinal);
        }

        using Engine converting = Rig.Same([-1, 2], type, o => o.Convert = true);
        Assert.Equal(rounded, converting.Infer<double[]>(Input.Of(numbers)));
    }

    [Fact]
    public void A_wrong_rank_or_extent_is_refused_with_tensor_given_and_expected()
    {
        using Engine engine = Rig.Doubles([-1, 1, 2, 3]);
        (Input Given, string Text)[] wrong =
        [
            (new float[2, 3], "2x3"),
            (new float[1, 2, 4], "1x2x4"),
            (new float[5, 1, 2, 4], "5x1x2x4"),
            (new float[1, 1, 1, 2, 3], "1x1x1x2x3"),
            (new float[7], "7 values without a shape"),
            (3f, "scalar"),
        ];
        Assert.All(wrong, item =>
        {
            ArgumentException error = Assert.Throws<ArgumentException>(() => engine.Infer<float[]>(item.Given));
            Assert.Equal($"Input \"x\" is given {item.Text}; expected 1x2x3 for a sample, or Nx1x2x3 for a batch.", error.Message);
        });

        SampleException inList = Assert.Throws<SampleException>(() => engine.Infer<float[][]>(new List<float[,,]> { new float[1, 2, 3], new float[1, 3, 2] }));
        Assert.Equal("Sample 1: Input \"x\" is given 1x3x2; expected 1x2x3 for a sample, or Nx1x2x3 for a batch.", inList.Message);
        Assert.Equal(1, inList.Index);
    }

    [Fact]
    public void Objects_that_are_no_input_are_refused_by_name()
    {
        using Engine engine = Rig.Doubles([-1, 2]);
        Assert.StartsWith("Input \"x\" is given Version, which is neither numbers, a picture nor device memory", Assert.Throws<ArgumentException>(() => engine.Infer<float[]>(Input.Of(new Version(1, 2)))).Message, StringComparison.Ordinal);
        Assert.Contains("sample 1 is null", Assert.Throws<ArgumentException>(() => engine.Infer<float[][]>(new List<float[]?> { new float[2], null })).Message, StringComparison.Ordinal);
        Assert.Contains("batches come first, but 1 is a sample", Assert.Throws<ArgumentException>(() => engine.Infer<float[][]>([new float[1, 2], new float[2]])).Message, StringComparison.Ordinal);
        Assert.Contains("samples come first, but 1 is a batch", Assert.Throws<ArgumentException>(() => engine.Infer<float[][]>([new float[2], new float[1, 2]])).Message, StringComparison.Ordinal);
        Assert.StartsWith("Input \"x\" is given Decimal[], which", Assert.Throws<ArgumentException>(() => engine.Infer<float[]>(Input.Of(new decimal[] { 1, 2 }))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => engine.Infer<float[]>((Input)null!));
    }

    [Fact]
    public void Results_of_another_kind_than_asked_are_refused_with_what_they_are()
    {
        using Engine engine = Rig.Doubles([-1, 3], o => o.Postprocess(Post.Argmax));
        Assert.Equal("Output \"y\" was given a list of 2 samples, and so its result is int[] or IReadOnlyList<int>; ask for that, not for int.", Assert.Throws<InvalidCastException>(() => engine.Infer<int>(new List<float[]> { new float[3], new float[3] })).Message);
        Assert.Equal("Output \"y\" was given one sample, and so its result is int; ask for that, not for float[].", Assert.Throws<InvalidCastException>(() => engine.Infer<float[]>(new float[3])).Message);
        using Engine raw = Rig.Doubles([-1, 3]);
        Assert.Contains("is more than one float", Assert.Throws<InvalidCastException>(() => raw.Infer<float>(new float[3])).Message, StringComparison.Ordinal);
        Assert.Contains("is no array of 3 axes", Assert.Throws<InvalidCastException>(() => raw.Infer<float[,,]>(new float[3])).Message, StringComparison.Ordinal);
        Assert.Contains("ask for that, not for String", Assert.Throws<InvalidCastException>(() => raw.Infer<string>(new float[3])).Message, StringComparison.Ordinal);
        Assert.Contains("int does not hold the 0.5 at 1 exactly. Ask for float.", Assert.Throws<InvalidCastException>(() => raw.Infer<int[]>(new[] { 0.5f, 0.25f, 1 })).Message, StringComparison.Ordinal);
        Assert.Equal([1.0, 2.0, 4.0], raw.Infer<double[]>(new[] { 0.5f, 1, 2 }));
    }

    [Fact]
    public void Device_memory_is_used_as_it_is()
    {
        using Engine engine = Rig.Doubles([-1, 3]);
        using DeviceMemory<float> one = new(3, TestDevice.Current);
        one.CopyFrom([1, 2, 3]);
        Assert.Equal([2, 4, 6], engine.Infer<float[]>(one));
        using DeviceMemory<float> two = new(6, TestDevice.Current);
        two.CopyFrom([1, 2, 3, 4, 5, 6]);
        Assert.Equal([[2, 4, 6], [8, 10, 12]], engine.Infer<float[][]>(two));
        Assert.Equal([[2, 4, 6]], engine.Infer<float[][]>(Input.Of(one, [1, 3])));
        Assert.Equal([[2, 4, 6], [2, 4, 6]], engine.Infer<float[][]>([one, one]));
        Assert.Equal([2, 4, 6], engine.Infer<float[]>(new float[] { 1, 2, 3 })); // nothing stays bound

        using DeviceMemory<float> many = new(15, TestDevice.Current);
        Assert.Contains("it takes at most 4", Assert.Throws<SampleException>(() => engine.Infer<float[][]>(many)).Message, StringComparison.Ordinal);
        using DeviceMemory<int> whole = new(3, TestDevice.Current);
        Assert.Equal("Input \"x\" takes float; device memory of int is not converted.", Assert.Throws<ArgumentException>(() => engine.Infer<float[]>(whole)).Message);
    }

    [Fact]
    public void Device_memory_and_host_memory_may_stand_beside_each_other()
    {
        using Engine engine = Rig.TwoInputs();
        using DeviceMemory<float> a = new(6, TestDevice.Current);
        a.CopyFrom([1, 2, 3, 4, 5, 6]);
        Assert.Equal([[2, 3, 4], [6, 7, 8]], engine.Infer((a, new float[,] { { 1, 1, 1 }, { 2, 2, 2 } }))["sum"].To<float[][]>());
        Assert.Equal([[2, 3, 4], [6, 7, 8]], engine.Infer((new float[,] { { 1, 1, 1 }, { 2, 2, 2 } }, a))["sum"].To<float[][]>());
    }

    [Fact]
    public void Samples_of_unequal_shapes_share_no_run_but_keep_their_order()
    {
        using Engine engine = Rig.Doubles([-1, -1]); // both open: 1 to 4
        List<int[]> samples = [[1, 2], [3, 4], [5], [6, 7, 8, 9], [10, 11, 12, 13]];
        Assert.Equal([[2, 4], [6, 8], [10], [12, 14, 16, 18], [20, 22, 24, 26]], engine.Infer<float[][]>(samples));
        Assert.Equal(3, engine.Report.Runs);
        SampleException error = Assert.Throws<SampleException>(() => engine.Infer<float[][]>(new List<int[]> { new[] { 1 }, new[] { 1, 2, 3, 4, 5 } }));
        Assert.StartsWith("Sample 1: Input \"x\" has shape 1x5, but profile 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_that_wants_more_samples_than_there_are_gets_zeros_beside_them()
    {
        using Engine atLeastThree = Rig.Doubles([-1, 2], min: 3);
        Assert.Equal([2, 4], atLeastThree.Infer<float[]>(new float[] { 1, 2 }));
        Assert.Equal(5, atLeastThree.Infer<float[][]>(new float[5, 2]).Length);
        using Engine always2 = Rig.Doubles([2, 1, 1, 3]);
        Assert.True(always2.HasBatch);
        Assert.Equal(2, always2.MaxBatch);
        float[][] three = engine3();
        Assert.Equal([[2, 4, 6], [8, 10, 12], [14, 16, 18]], three);

        float[][] engine3() => always2.Infer<float[][]>(new List<float[]> { new float[] { 1, 2, 3 }, new float[] { 4, 5, 6 }, new float[] { 7, 8, 9 } });
    }

    [Fact]
    public void A_model_without_batch_runs_sample_by_sample()
    {
        using Engine engine = Rig.Doubles([3]);
        Assert.False(engine.HasBatch);
        Assert.Equal([2, 4, 6], engine.Infer<float[]>(new float[] { 1, 2, 3 }));
        Assert.Equal([[2, 4, 6], [8, 10, 12]], engine.Infer<float[][]>(new List<float[]> { new float[] { 1, 2, 3 }, new float[] { 4, 5, 6 } }));
        Assert.Contains("expected 3.", Assert.Throws<ArgumentException>(() => engine.Infer<float[]>(new float[2, 3])).Message, StringComparison.Ordinal);

        using Engine said = Rig.Doubles([3], o => o.HasBatch = true);
        Assert.Equal(3, said.MaxBatch);
        Assert.Equal(10, said.Infer<float>(5f));
        Assert.Contains("cannot have a batch", Assert.Throws<ArgumentException>(() => Rig.Open("batchless", o => o.HasBatch = true, network =>
        {
            ITensor a = network.AddInput("a", DataType.Float, [2, 2]);
            ITensor b = network.AddInput("b", DataType.Float, [1, 2]);
            Rig.Mark(network, network.AddElementWise(a, b, ElementWiseOperation.Sum).GetOutput(0), "y");
        }, 1, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Outputs_that_cannot_be_told_apart_come_back_whole()
    {
        using Engine engine = Rig.Total();
        Assert.Equal(6, engine.Infer<float>(new float[] { 1, 2, 3 }));
        Assert.Equal(21, engine.Infer<float>(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }));
        Assert.Equal([6, 15], engine.Infer<float[]>(new List<float[]> { new float[] { 1, 2, 3 }, new float[] { 4, 5, 6 } }));
        Assert.Equal([21, 3], engine.Infer<float[]>(new List<float[,]> { new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }, new float[,] { { 1, 1, 1 } } }));
        Assert.Contains("it takes at most 4", Assert.Throws<SampleException>(() => engine.Infer<float>(new float[5, 3])).Message, StringComparison.Ordinal);

        using Engine posted = Rig.Total(o => o.Postprocess(Post.From(output => $"{output.Floats[0]}")));
        Assert.Equal("21", posted.Infer<string>(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }));
        Assert.Equal(["6", "15"], posted.Infer<string[]>(new List<float[]> { new float[] { 1, 2, 3 }, new float[] { 4, 5, 6 } }));
    }

    [Fact]
    public void Every_type_of_the_engines_comes_back()
    {
        using (Engine engine = Rig.Same([-1, 2], DataType.Half))
        {
            Assert.Equal([1, 2], engine.Infer<Half[]>(new float[] { 1, 2 }).Select(value => (float)value));
            Assert.Equal([1, 2], engine.Infer<float[]>(new[] { (Half)1, (Half)2 }));
            Assert.Contains("takes Half, which does not hold the int 70000", Assert.Throws<ArgumentException>(() => engine.Infer<float[]>(new[] { 1, 70000 })).Message, StringComparison.Ordinal);
        }

        using (Engine engine = Rig.Same([-1, 2], DataType.BF16))
        {
            Assert.Equal([1.5f, -2], engine.Infer<float[]>(new[] { 1.5f, -2 }));
            Assert.Equal([0x3FC0, 0xC000], engine.Infer<ushort[]>(new[] { 1.5, -2 }));
            Assert.Throws<ArgumentException>(() => engine.Infer<float[]>(new[] { 1.0001f, 1 }));
        }

        using (Engine engine = Rig.Same([-1, 2], DataType.Int64))
        {
            Assert.Equal([1, long.MaxValue], engine.Infer<long[]>(new[] { 1, long.MaxValue }));
            Assert.Equal([1, 2], engine.Infer<int[]>(new byte[] { 1, 2 }));
        }

        using (Engine engine = Rig.Same([-1, 2], DataType.Bool))
        {
            Assert.Equal([true, false], engine.Infer<bool[]>(new[] { 1, 0 }));
            Assert.Equal([1, 0], engine.Infer<int[]>(new[] { true, false }));
            Assert.Throws<ArgumentException>(() => engine.Infer<bool[]>(new[] { 1, 2 }));
        }
    }

    [Fact]
    public void Empty_lists_and_batches_give_empty_results()
    {
        using Engine engine = Rig.Doubles([-1, 3], o => o.Postprocess(Post.Argmax));
        Assert.Empty(engine.Infer<int[]>(new List<float[]>()));
        Assert.Empty(engine.Infer<int[]>(new float[0, 3]));
        Assert.Equal(0, engine.Report.Runs);
        using Engine raw = Rig.Doubles([-1, 3]);
        Assert.Empty(raw.Infer<float[][]>(new List<float[]>()));
        Assert.Empty(raw.Infer<float[]>(new float[0, 3]));
    }
}
