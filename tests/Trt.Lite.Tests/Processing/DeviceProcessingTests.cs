using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite.Tests.Processing;

/// <summary>Pre- and post-processing on the engine's device against the same on the CPU. The host's stand-in for a device runs the kernels' twins, which the device program compares with the kernels.</summary>
public class DeviceProcessingTests
{
    public static TheoryData<string, bool> Preprocessors => new()
    {
        { "resize", true },
        { "nearest", true },
        { "letterbox", true },
        { "red letterbox of a size", true },
        { "middle", true },
        { "grey", false },
        { "imagenet", true },
        { "last", true },
        { "crop", false },
        { "function", false },
        { "limited", false },
    };

    [Theory]
    [MemberData(nameof(Preprocessors))]
    public void Pictures_of_any_sizes_become_the_same_tensors(string name, bool hasKernel)
    {
        foreach (DataType type in (DataType[])[DataType.Float, DataType.Half])
        {
            Dims shape = name == "last" ? [-1, 20, 24, 3] : [-1, 3, 20, 24];
            using Engine cpu = Rig.Same(shape, type, o => o.Preprocess(Of(name)));
            using Engine gpu = Rig.Same(shape, type, o => OnDevice(o).Preprocess(Of(name)));
            Assert.Null(cpu.Processors.Readers[0].Transform);
            Assert.Equal(hasKernel, gpu.Processors.Readers[0].Transform is not null);
            Image[] pictures = [.. Pictures(48, 64).Concat(Pictures(31, 57)).Concat(Pictures(60, 40)).Concat(Pictures(24, 20))];
            Assert.Equal(cpu.Infer<float[][]>(pictures), gpu.Infer<float[][]>(pictures));
            Assert.Equal(cpu.Infer<float[]>(pictures[3]), gpu.Infer<float[]>(pictures[3]));
        }
    }

    [Fact]
    public void Grey_and_whole_numbers_too()
    {
        Image[] pictures = [.. Pictures(48, 64).Concat(Pictures(9, 13))];
        foreach (ImagePreprocessor preprocessor in (ImagePreprocessor[])[Pre.Resize(), Pre.Grey().Letterbox(new Colour(10, 200, 30)), Pre.Grey().Resize(24, 20, ResizeFilter.Nearest)])
        {
            foreach (DataType type in (DataType[])[DataType.Float, DataType.UInt8])
            {
                foreach (Dims shape in (Dims[])[[-1, 1, 20, 24], [-1, 20, 24]])
                {
                    using Engine cpu = Rig.Same(shape, type, o => o.Preprocess(preprocessor));
                    using Engine gpu = Rig.Same(shape, type, o => OnDevice(o).Preprocess(preprocessor));
                    Assert.NotNull(gpu.Processors.Readers[0].Transform);
                    Assert.Equal(cpu.Infer<float[][]>(pictures), gpu.Infer<float[][]>(pictures));
                }
            }
        }
    }

    [Fact]
    public void What_the_kernel_would_do_otherwise_is_left_to_the_cpu()
    {
        PixelScaling odd = new() { Divisor = 2 };
        using Engine whole = Rig.Same([-1, 3, 20, 24], DataType.UInt8, o => OnDevice(o).Preprocess(Pre.Resize().Scale(odd)));
        Assert.Null(whole.Processors.Readers[0].Transform); // halves are refused, where the kernel would round
        using Engine open = Rig.Same([-1, 3, -1, -1], DataType.Float, o => OnDevice(o).Preprocess(Pre.Resize(4, 4)));
        Assert.Null(open.Processors.Readers[0].Transform);
        using Engine numbers = Rig.Same([-1, 7], DataType.Float, o => OnDevice(o));
        Assert.Null(numbers.Processors.Readers[0].Transform);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], numbers.Infer<float[]>(new float[] { 1, 2, 3, 4, 5, 6, 7 }));
    }

    [Fact]
    public void Samples_that_are_no_pictures_and_bad_ones_go_along()
    {
        using Engine cpu = Rig.Same([-1, 3, 20, 24], DataType.Float, null);
        using Engine gpu = Rig.Same([-1, 3, 20, 24], DataType.Float, o => OnDevice(o));
        Image good = Pictures(24, 20).First();
        float[,,] numbers = new float[3, 20, 24];
        numbers[2, 19, 23] = 7;
        object[] mixed = [good, numbers, good, good, good, good];
        Assert.Equal(cpu.Infer<float[][]>(mixed), gpu.Infer<float[][]>(mixed));
        Image[] bad = [good, good, Pictures(23, 20).First()];
        string message = Assert.Throws<SampleException>(() => gpu.Infer<float[][]>(bad)).Message;
        Assert.Equal(Assert.Throws<SampleException>(() => cpu.Infer<float[][]>(bad)).Message, message);
        Assert.Contains("wants pictures of 24x20 pixels, but this one has 23x20", message, StringComparison.Ordinal);
        Assert.Equal(cpu.Infer<float[]>(good), gpu.Infer<float[]>(good));
    }

    [Fact]
    public void Runs_that_the_engine_wants_longer_are_filled_up()
    {
        using Engine engine = Rig.Open("same pictures, three at least", o => OnDevice(o).Preprocess(Pre.Resize()), network =>
        {
            ITensor y = network.AddIdentity(network.AddInput("x", DataType.Float, [-1, 3, 20, 24])).GetOutput(0);
            Rig.Mark(network, y, "y");
        }, 3, 4);
        using Engine cpu = Rig.Same([-1, 3, 20, 24], DataType.Float, o => o.Preprocess(Pre.Resize()));
        Image picture = Pictures(50, 30).First();
        Assert.Equal(cpu.Infer<float[]>(picture), engine.Infer<float[]>(picture));
    }

    [Theory]
    [MemberData(nameof(Preprocessors))]
    public void Pixels_are_known_to_have_gone_to_the_same_places(string name, bool hasKernel)
    {
        _ = hasKernel;
        Dims shape = name == "last" ? [-1, 20, 24, 3] : [-1, 3, 20, 24];
        Postprocessor<ImagePlacement?> placement = Post.FromSample(sample => sample.Placement);
        using Engine cpu = Rig.Same(shape, DataType.Float, o => o.Preprocess(Of(name)).Postprocess(placement));
        using Engine gpu = Rig.Same(shape, DataType.Float, o => OnDevice(o).Preprocess(Of(name)).Postprocess(placement));
        foreach (Image picture in Pictures(31, 57).Concat(Pictures(64, 24)))
        {
            Assert.Equal(cpu.Infer<ImagePlacement?>(picture), gpu.Infer<ImagePlacement?>(picture));
        }
    }

    [Fact]
    public async Task Digits_are_recognised_through_a_pipeline()
    {
        await using Engine cpu = Rig.LeNet(o => o.Preprocess(Pre.Grey().Resize()).Postprocess(Post.Argmax));
        await using Engine gpu = Rig.LeNet(o => OnDevice(o).Preprocess(Pre.Grey().Resize()).Postprocess(Post.Argmax.Select(digit => digit + 100)));
        Assert.NotNull(gpu.Processors.Reductions[0]);
        string[] files = [.. Rig.DigitFiles().Take(70)];
        int[] expected = cpu.Infer<int[]>(files);
        List<int> found = [];
        await foreach (SampleResult<int> result in gpu.PipelineAsync<string, int>(files, new PipelineOptions { Lanes = 3 }))
        {
            found.Add(result.Value - 100);
        }

        Assert.Equal(expected, found);
        Assert.Equal(expected, (await gpu.InferAsync<int[]>(files)).Select(digit => digit - 100));
        Assert.Equal(expected[5] + 100, gpu.Infer<int>(files[5]));
    }

    [Fact]
    public void The_best_classes_are_the_same()
    {
        Random random = new(3);
        float[][] scores = [.. Enumerable.Range(0, 6).Select(_ => Enumerable.Range(0, 4 * 5 * 6).Select(_ => (float)random.Next(5)).ToArray())]; // with equal ones
        foreach (DataType type in (DataType[])[DataType.Float, DataType.Half])
        {
            Assert.Equal(Results(Post.Mask(), ProcessingDevice.Cpu, type).Select(mask => mask.Data.ToArray()), Results(Post.Mask(), ProcessingDevice.Gpu, type).Select(mask => mask.Data.ToArray()));
            Assert.Equal(Results(Post.ArgmaxRows, ProcessingDevice.Cpu, type), Results(Post.ArgmaxRows, ProcessingDevice.Gpu, type));
            Assert.Equal(Results(Post.Argmax, ProcessingDevice.Cpu, type), Results(Post.Argmax, ProcessingDevice.Gpu, type)); // over everything, which no kernel does
        }

        T[] Results<T>(Postprocessor<T> post, ProcessingDevice device, DataType type)
        {
            using Engine engine = Rig.Same([-1, 4, 5, 6], type, o =>
            {
                o.Processing = device;
                o.Postprocess(post);
            });
            return engine.Infer<T[]>(scores);
        }
    }

    public static TheoryData<string, int?, int?, int> Chains => new()
    {
        { "softmax", 2, null, 0 },
        { "softmax of planes", 0, null, 0 },
        { "seven best", null, null, 7 },
        { "all best", null, null, 120 },
        { "likeliest three", 2, null, 3 },
        { "likeliest of rows", 1, 2, 0 },
        { "mask", 0, 0, 0 },
        { "own function", 2, null, 0 },
        { "then sigmoid", 2, null, 0 },
    };

    [Theory]
    [MemberData(nameof(Chains))]
    public void Probabilities_and_the_greatest_scores_are_the_same(string name, int? softmaxAlong, int? bestAlong, int count)
    {
        Random random = new(5);
        float[][] scores = [.. Enumerable.Range(0, 6).Select(_ => Enumerable.Range(0, 4 * 5 * 6).Select(_ => random.Next(-40, 40) / 8f).ToArray())]; // with equal ones
        Postprocessor<string> post = name switch
        {
            "softmax" => Post.Softmax.Select(Text),
            "softmax of planes" => Post.SoftmaxAlong(-3).Select(Text),
            "seven best" => Post.TopK(7, ["cat", "dog"]).Select(Text),
            "all best" => Post.TopK(1000).Select(Text),
            "likeliest three" => Post.Softmax.Then(Post.TopK(3)).Select(Text),
            "likeliest of rows" => Post.SoftmaxAlong(1).Then(Post.ArgmaxRows).Select(Text),
            "mask" => Post.SoftmaxAlong(0).Then(Post.Mask()).Select(mask => Text(mask.Data.ToArray())),
            "own function" => Post.Softmax.Then(Post.From(output => output.Floats[7])).Select(value => Text([value])),
            _ => Post.Softmax.Then(Post.Sigmoid.Then(Post.TopK(2))).Select(Text),
        };
        Assert.Equal(new ScoreReduction(softmaxAlong, bestAlong, count), post.ReductionOf([4, 5, 6]));
        foreach (DataType type in (DataType[])[DataType.Float, DataType.Half])
        {
            Assert.Equal(Results(ProcessingDevice.Cpu, type), Results(ProcessingDevice.Gpu, type));
        }

        static string Text<T>(T[] values) => string.Join(' ', values);

        string[] Results(ProcessingDevice device, DataType type)
        {
            using Engine engine = Rig.Same([-1, 4, 5, 6], type, o =>
            {
                o.Processing = device;
                o.Postprocess(post);
            });
            string[] one = [engine.Infer<string>(scores[4])];
            return [.. engine.Infer<string[]>(scores), .. one];
        }
    }

    [Fact]
    public void Scores_of_one_model_may_change_their_number_from_run_to_run()
    {
        using Engine engine = Rig.Open("any width", o => OnDevice(o).Postprocess(Post.Softmax.Then(Post.TopK(3))), network =>
            Rig.Mark(network, network.AddIdentity(network.AddInput("x", DataType.Float, [-1, -1])).GetOutput(0), "y"), 1, 8);
        foreach (float[] scores in (float[][])[[1, 2], [5, 1, 4, 2, 3], [7]])
        {
            double sum = scores.Sum(score => Math.Exp(score));
            (int, double)[] expected = [.. scores.Select((score, i) => (i, Math.Exp(score) / sum)).OrderByDescending(pair => pair.Item2).Take(3)];
            Classification[] found = engine.Infer<Classification[]>(scores);
            Assert.Equal(expected.Select(pair => pair.Item1), found.Select(one => one.Index));
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Item2, pair.Second.Score, 1e-6));
        }
    }

    [Fact]
    public void Outputs_that_something_else_sees_stay_as_they_are()
    {
        using Engine engine = Rig.TwoInputs(o => OnDevice(o).Postprocess("sum", Post.Argmax).Postprocess("both", ["sum", "longer"], Post.FromSample(sample => sample[0].Floats[1] + sample[1].Floats[5])));
        Outputs outputs = engine.Infer((new float[] { 1, 2, 3 }, new float[] { 10, 20, 30 }));
        Assert.Equal(2, outputs["sum"].To<int>());
        Assert.Equal(22f + 30f, outputs["both"].To<float>());
        using Engine one = Rig.TwoInputs(o => OnDevice(o).Postprocess("sum", Post.Argmax));
        Assert.NotNull(one.Processors.Reductions[0]);
        outputs = one.Infer((new float[] { 1, 2, 3 }, new float[] { 10, 20, 30 }));
        Assert.Equal(2, outputs["sum"].To<int>());
        Assert.Equal([1, 2, 3, 10, 20, 30], outputs["longer"].To<float[]>());
    }

    [Fact]
    public void Boxes_of_anchors_are_the_same()
    {
        Random random = new(11);
        (int Channels, int Side)[] levels = [(18, 8), (18, 4), (36, 8), (36, 4)];
        object[] samples = [.. Enumerable.Range(0, 6).Select(_ => (object)new Dictionary<string, Input>(levels.Select((level, i) => KeyValuePair.Create<string, Input>(
            $"in{i}", Enumerable.Range(0, level.Channels * level.Side * level.Side).Select(_ => i < 2 ? random.Next(12) == 0 ? random.NextSingle() : 0.01f : (random.NextSingle() - 0.5f) * 0.8f).ToArray()))))];
        int dropped = 0;
        foreach (AnchorBoxOptions options in (AnchorBoxOptions[])[new(), new() { MaxPerLevel = 7, ScoreThreshold = 0.3f, OverlapThreshold = 0.2f, Labels = ["cat", "dog"] }, new() { MaxBoxes = 3, OverlapThreshold = 1 }])
        {
            using Engine cpu = Open(options, ProcessingDevice.Cpu), gpu = Open(options, ProcessingDevice.Gpu);
            Assert.Single(gpu.Processors.Detections);
            DetectedBox[][] expected = cpu.Infer<DetectedBox[][]>(samples), found = gpu.Infer<DetectedBox[][]>(samples);
            Assert.Equal(6, expected.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i].Select(box => (box.Class, box.Label, box.Score)), found[i].Select(box => (box.Class, box.Label, box.Score)));
                Assert.All(expected[i].Zip(found[i]), pair => Assert.Equal([pair.First.Left, pair.First.Top, pair.First.Right, pair.First.Bottom], [pair.Second.Left, pair.Second.Top, pair.Second.Right, pair.Second.Bottom], (one, other) => Math.Abs(one - other) < 1e-3f));
                dropped += options.MaxBoxes - expected[i].Length;
            }

            Assert.Equal(found[2], gpu.Infer<DetectedBox[]>((System.Collections.IEnumerable)samples[2]));
        }

        Assert.True(dropped > 0);

        Engine Open(AnchorBoxOptions options, ProcessingDevice device) => Rig.Open("two levels", o =>
        {
            o.Processing = device;
            o.Postprocess("boxes", ["out0", "out1", "out2", "out3"], Post.AnchorBoxes(options));
        }, network =>
        {
            for (int i = 0; i < levels.Length; i++)
            {
                ITensor x = network.AddInput($"in{i}", DataType.Float, [-1, levels[i].Channels, levels[i].Side, levels[i].Side]);
                Rig.Mark(network, network.AddIdentity(x).GetOutput(0), $"out{i}");
            }
        }, 1, 4);
    }

    private static EngineOptions OnDevice(EngineOptions options)
    {
        options.Processing = ProcessingDevice.Gpu;
        return options;
    }

    private static ImagePreprocessor Of(string name) => name switch
    {
        "resize" => Pre.Resize(),
        "nearest" => Pre.Rgb().Resize(24, 20, ResizeFilter.Nearest),
        "letterbox" => Pre.Letterbox(),
        "red letterbox of a size" => Pre.Letterbox(24, 20, new Colour(200, 0, 0)),
        "middle" => Pre.ResizeShorter(26).CentreCrop(24, 20),
        "grey" => Pre.Grey().Resize(),
        "imagenet" => Pre.Resize().Scale(PixelScaling.ImageNet with { Bgr = true }),
        "last" => Pre.Resize().Scale(new PixelScaling { Divisor = 127.5f, Mean = [1], Layout = TensorLayout.ChannelsLast }),
        "crop" => Pre.Crop(1, 2, 20, 18).Resize(),
        "function" => Pre.Resize(30, 30).Then(image => image).Resize(),
        _ => Pre.ResizeShorter(26, 60).CentreCrop(24, 20),
    };

    /// <summary>Of each kind one.</summary>
    private static IEnumerable<Image> Pictures(int width, int height)
    {
        Random random = new(width * height);
        foreach ((PixelFormat format, int bytes) in new[] { (PixelFormat.Rgb24, 3), (PixelFormat.Grey8, 1), (PixelFormat.Rgba32, 4), (PixelFormat.Grey16, 2) })
        {
            byte[] data = new byte[width * height * bytes];
            random.NextBytes(data);
            yield return new Image(width, height, format, data);
        }
    }
}
