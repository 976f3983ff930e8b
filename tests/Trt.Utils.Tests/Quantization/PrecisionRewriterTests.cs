using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Quantization;

/// <summary>Where a converted network computes in 16 bits and where not, and where casts stand.</summary>
public class PrecisionRewriterTests
{
    [Theory]
    [InlineData(DataType.Half)]
    [InlineData(DataType.BF16)]
    public void Numbers_are_rounded_to_the_type(DataType type)
    {
        using Rig rig = new();
        INetworkDefinition network = rig.Network(isStronglyTyped: true);
        float[] x = [1.2345678f, -0.3333333f, 1e-3f];
        float[] w = [0.1f, 2.7182817f, 33.333332f];
        ITensor input = network.AddInput("x", DataType.Float, [1, 3, 1, 1]);
        ITensor y = network.AddConvolutionNd(input, 1, [1, 1], Trt.Interop.Weights.From(w), Trt.Interop.Weights.From([0.7f])).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        PrecisionReport report = network.ConvertPrecision(type);
        Assert.Equal((1, 0, 2), (report.Converted.Count, report.Kept.Count, report.Casts));
        Assert.Equal((DataType.Float, DataType.Float, "y"), (network.GetInput(0).Type, network.GetOutput(0).Type, network.GetOutput(0).Name));
        Assert.Equal((type, type), (((IConvolutionLayer)network.GetLayer(0)).KernelWeights.Type, network.GetLayer(0).GetOutput(0).Type));
        double sum = Narrow(0.7f) + x.Zip(w, (left, right) => Narrow(left) * Narrow(right)).Sum();
        float result = rig.Run(rig.Plan(network, rig.Config()), ("x", x, [1, 3, 1, 1]))["y"][0];
        Assert.Equal(Narrow((float)sum), result, Math.Abs(sum) * (type == DataType.Half ? 1e-3 : 8e-3));
        Assert.Equal(result, (float)Narrow(result));
        Assert.NotEqual(0.7 + x.Zip(w, (left, right) => (double)left * right).Sum(), result, 1e-5);

        // A brain float is the upper half of a float, rounded.
        double Narrow(float value) => type == DataType.Half ? (double)(Half)value : BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(value) + 0x8000) & ~0xffff);
    }

    [Fact]
    public void Casts_stand_where_types_meet_and_are_shared()
    {
        using Rig rig = new();
        INetworkDefinition network = rig.Network(isStronglyTyped: true);
        ITensor x = network.AddInput("x", DataType.Float, [4, 8]);
        ITensor w = Constant(network, [8, 8], 64);
        ITensor first = Product(x, w, "first");
        ITensor second = Product(x, w, "second");
        ITensor sum = Layer(network.AddElementWise(first, second, ElementWiseOperation.Sum), "sum");
        ISoftMaxLayer soft = network.AddSoftMax(sum);
        ITensor most = Layer(soft, "softmax");
        ITensor mean = Layer(network.AddReduce(sum, ReduceOperation.Avg, 2, true), "mean");
        ITensor centred = Layer(network.AddElementWise(most, mean, ElementWiseOperation.Sub), "centred");
        ITensor last = Product(centred, w, "last");
        foreach ((ITensor tensor, string name) in (ReadOnlySpan<(ITensor, string)>)[(sum, "a"), (last, "b"), (centred, "c")])
        {
            tensor.Name = name;
            network.MarkOutput(tensor);
        }

        PrecisionReport report = network.ConvertPrecision(DataType.Half);
        Assert.Equal(["first", "second", "sum", "last"], report.Converted);
        Assert.Equal([("softmax", "softmax has exponentials"), ("mean", "it adds many numbers up")], report.Kept);

        // x, w, the sum for softmax, mean and output, what is centred, and the last output.
        Assert.Equal(5, report.Casts);
        Assert.Equal(["a", "b", "c"], Enumerable.Range(0, 3).Select(output => network.GetOutput(output).Name));
        Assert.All(Enumerable.Range(0, 3), output => Assert.Equal(DataType.Float, network.GetOutput(output).Type));
        Assert.Equal("4 layers compute in Half now, 2 stay in Float; 5 casts.\n  softmax: softmax has exponentials\n  mean: it adds many numbers up", report.ToString());
        rig.Plan(network, rig.Config());

        ITensor Product(ITensor left, ITensor right, string name) => Layer(network.AddMatrixMultiply(left, MatrixOperation.None, right, MatrixOperation.None), name);
    }

    [Fact]
    public void What_a_type_cannot_hold_stays_in_32_bits()
    {
        using Rig rig = new();
        INetworkDefinition network = rig.Network(isStronglyTyped: true);
        ITensor x = network.AddInput("x", DataType.Float, [1, 1, 2, 2]);
        ITensor great = Layer(network.AddConvolutionNd(x, 1, [1, 1], Trt.Interop.Weights.From([70000f]), default), "great");
        ITensor small = Layer(network.AddConvolutionNd(great, 1, [1, 1], Trt.Interop.Weights.From([1e-9f]), default), "small");
        ITensor mask = network.AddConstant([1, 1, 2, 2], Trt.Interop.Weights.From([0f, -1e9f, 0, 0])).GetOutput(0);
        mask.Name = "mask";
        ITensor masked = Layer(network.AddElementWise(small, mask, ElementWiseOperation.Sum), "masked");
        network.MarkOutput(masked);
        Assert.Equal(DataType.BF16, network.BestPrecision());
        PrecisionReport report = network.ConvertPrecision(DataType.Half);
        Assert.Equal(["small"], report.Converted);
        Assert.Equal([("great", "its weights are beyond the range of Half"), ("masked", "the constant mask is beyond the range of Half")], report.Kept);
        Assert.Equal(1, report.WeightsRoundedToZero);
        rig.Plan(network, rig.Config());

        using Rig other = new();
        INetworkDefinition usual = other.Network(isStronglyTyped: true);
        usual.MarkOutput(usual.AddConvolutionNd(usual.AddInput("x", DataType.Float, [1, 1, 2, 2]), 1, [1, 1], Trt.Interop.Weights.From([65504f]), default).GetOutput(0));
        Assert.Equal(DataType.Half, usual.BestPrecision());
        Assert.Empty(usual.ConvertPrecision(DataType.Half).Kept);
    }

    [Fact]
    public void Rules_keep_layers_and_convert_softmax()
    {
        using Rig rig = new();
        INetworkDefinition network = Attention(rig, out _);
        PrecisionReport kept = network.ConvertPrecision(DataType.Half, new PrecisionRules { KeptLayers = new HashSet<string> { "scores" }, KeptTypes = new HashSet<LayerType> { LayerType.Elementwise } });
        Assert.Equal(["values"], kept.Converted);
        Assert.Contains(("scores", "kept by name"), kept.Kept);

        using Rig second = new();
        PrecisionReport converted = Attention(second, out _).ConvertPrecision(DataType.Half, new PrecisionRules { ConvertsSoftMax = true });
        Assert.Equal(["scores", "scaled", "softmax", "values"], converted.Converted);

        // A probability that is 0 in 16 bits has no logarithm.
        using Rig third = new();
        INetworkDefinition logarithm = Attention(third, out ITensor probabilities);
        ITensor log = Layer(logarithm.AddUnary(probabilities, UnaryOperation.Log), "log");
        logarithm.MarkOutput(log);
        Assert.Equal(["scores", "scaled", "values"], logarithm.ConvertPrecision(DataType.Half, new PrecisionRules { ConvertsSoftMax = true }).Converted);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Branches_of_a_conditional_have_casts_of_their_own(bool condition)
    {
        using Rig rig = new();
        INetworkDefinition network = Conditional(rig);
        network.ConvertPrecision(DataType.Half);
        float[] x = [0.1f, 0.2f, -0.3f, 0.4f];
        float[] y = rig.Run(rig.Plan(network, rig.Config()), ("c", (bool[])[condition], []), ("x", x, [2, 2]))["y"];

        // The unit matrix, or twice that, plus one.
        double[] expected = [.. x.Select(value => condition ? value : (2.0 * value) + 1)];
        Assert.All(expected.Zip(y), pair => Assert.Equal(pair.First, pair.Second, 2e-3));
    }

    [Fact]
    public void Shapes_and_indices_are_computed_as_before()
    {
        using Rig rig = new();
        INetworkDefinition network = rig.Network(isStronglyTyped: true);
        ITensor x = network.AddInput("x", DataType.Float, [1, 1, -1, 5]);
        ITensor features = Layer(network.AddConvolutionNd(x, 1, [1, 1], Trt.Interop.Weights.From([1f]), default), "features");

        // Twice the extents less a tenth, by way of real numbers: 4097 · 2 would be 8192 in halves.
        ITensor shape = network.AddCast(network.AddShape(features).GetOutput(0), DataType.Float).GetOutput(0);
        ITensor doubled = Layer(network.AddElementWise(shape, network.AddConstant([4], Trt.Interop.Weights.From([1f, 1, 2, 1])).GetOutput(0), ElementWiseOperation.Prod), "doubled");
        ITensor size = network.AddCast(network.AddUnary(doubled, UnaryOperation.Floor).GetOutput(0), DataType.Int64).GetOutput(0);
        IResizeLayer resize = network.AddResize(features);
        resize.SetInput(1, size);
        resize.ResizeMode = InterpolationMode.Nearest;
        ITensor y = Layer(resize, "resize");
        y.Name = "y";
        network.MarkOutput(y);
        PrecisionReport report = network.ConvertPrecision(DataType.Half);
        Assert.Equal(["features", "resize"], report.Converted);
        IBuilderConfig config = rig.Config();
        rig.Profile(config, ("x", [1, 1, 1, 5], [1, 1, 4097, 5]));
        Assert.Equal(8194 * 5, rig.Run(rig.Plan(network, config), ("x", new float[4097 * 5], [1, 1, 4097, 5]))["y"].Length);
    }

    [Fact]
    public void Named_weights_are_refitted_by_their_names()
    {
        using Rig rig = new();
        INetworkDefinition network = rig.Network(isStronglyTyped: true);
        ITensor x = network.AddInput("x", DataType.Float, [1, 1, 1, 1]);
        Trt.Interop.Weights kernel = Trt.Interop.Weights.From([3f]);
        Trt.Interop.Weights bias = Trt.Interop.Weights.From([0.5f]);
        ITensor y = network.AddConvolutionNd(x, 1, [1, 1], kernel, bias).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        network.SetWeightsName(kernel, "conv.weight");
        network.SetWeightsName(bias, "conv.bias");
        PrecisionReport report = network.ConvertPrecision(DataType.Half, new PrecisionRules { KeepsWeights = true });
        Assert.Equal((1, 4), (report.Converted.Count, report.Casts));
        IBuilderConfig config = rig.Config();
        config.SetFlag(BuilderFlag.Refit);
        byte[] plan = rig.Plan(network, config);
        Assert.Equal(7.5f, rig.Run(plan, ("x", (float[])[7f / 3], [1, 1, 1, 1]))["y"][0], 1e-2f);
        using IRuntime runtime = rig.Library.CreateInferRuntime(rig.Log);
        using ICudaEngine engine = runtime.DeserializeCudaEngine(plan);
        using IRefitter refitter = rig.Library.CreateInferRefitter(engine, rig.Log);
        Assert.Equal(["conv.bias", "conv.weight"], refitter.GetAllWeights().Order());
        Assert.Equal(DataType.Float, refitter.GetWeightsPrototype("conv.weight").Type);
    }

    [Fact]
    public void Attention_computes_in_16_bits()
    {
        using Rig rig = new();
        float[] data = [.. Enumerable.Range(0, 2 * 3 * 4).Select(i => MathF.Sin(i))];
        float[] mask = [0, -1, -2, 0.5f, 0, -1, -3, 0.25f, 0];
        float[] exact = Run(null);
        float[] half = Run(DataType.Half);
        Assert.NotEqual(exact, half);
        Assert.All(exact.Zip(half), pair => Assert.Equal(pair.First, pair.Second, 2e-3f));

        float[] Run(DataType? type)
        {
            INetworkDefinition network = MaskedAttention(rig);
            if (type is { } narrow)
            {
                Assert.Equal(3, network.ConvertPrecision(narrow).Casts);
            }

            return rig.Run(rig.Plan(network, rig.Config()), ("x", data, [1, 2, 3, 4]), ("mask", mask, [1, 1, 3, 3]))["y"];
        }
    }

    [Fact]
    public void Parts_that_are_in_16_bits_already_are_left_alone()
    {
        using Rig rig = new();
        INetworkDefinition network = rig.Network(isStronglyTyped: true);
        ITensor x = network.AddInput("x", DataType.Float, [1, 1, 2, 2]);
        ITensor half = network.AddCast(x, DataType.Half).GetOutput(0);
        ITensor first = Layer(network.AddConvolutionNd(half, 1, [1, 1], Trt.Interop.Weights.From([(Half)2]), default), "first");
        ITensor back = network.AddCast(first, DataType.Float).GetOutput(0);
        ITensor second = Layer(network.AddConvolutionNd(back, 1, [1, 1], Trt.Interop.Weights.From([3f]), default), "second");
        second.Name = "y";
        network.MarkOutput(second);
        Assert.Equal(["second"], network.ConvertPrecision(DataType.BF16).Converted);
        Assert.Equal(DataType.Half, network.GetLayer(1).GetOutput(0).Type);
        float[] y = rig.Run(rig.Plan(network, rig.Config()), ("x", (float[])[1, 2, -3, 0.5f], [1, 1, 2, 2]))["y"];
        Assert.Equal([6, 12, -18, 3], y);
    }

    [Theory]
    [InlineData(DataType.Int8, "needs to see data")]
    [InlineData(DataType.FP8, "needs to see data")]
    [InlineData(DataType.Int32, "are converted to Half or BF16, not Int32")]
    public void Other_types_are_refused(DataType type, string text)
    {
        using Rig rig = new();
        Assert.Contains(text, Assert.Throws<ArgumentException>(() => rig.Network().ConvertPrecision(type)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DataType.Int8, DataType.Half)]
    [InlineData(DataType.Int8, DataType.BF16)]
    [InlineData(DataType.FP8, DataType.Half)]
    public void Quantized_networks_compute_the_rest_in_16_bits(DataType quantized, DataType type)
    {
        using Rig rig = new();
        using Int8Calibration calibration = Int8Calibration.FromBatches(Digits.Batches);
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        float[] exact = Run(null, rig);
        float[] prob = Run(type, rig);
        Assert.NotEqual(exact, prob);
        Assert.Equal(Digits.Accuracy(exact), Digits.Accuracy(prob), 0.01);

        float[] Run(DataType? narrow, Rig rig)
        {
            INetworkDefinition network = rig.Parsed(ModelFiles.Find("lenet.onnx"), isStronglyTyped: true);
            IBuilderConfig config = rig.Config();
            rig.Profile(config, ("data", [1, 1, 28, 28], [Digits.Count, 1, 28, 28]));
            calibration.Apply(rig.Builder, network, config, rig.Library, quantized);
            if (narrow is { } to)
            {
                network.ConvertPrecision(to);
                NetworkGraph graph = new(network);
                foreach (ILayer layer in Enumerable.Range(0, network.NbLayers).Select(network.GetLayer).Where(layer => layer is IConvolutionLayer or IMatrixMultiplyLayer && !layer.Name.EndsWith(".replaced", StringComparison.Ordinal)))
                {
                    Assert.Equal(to, layer.GetOutput(0).Type);
                    Assert.All(Enumerable.Range(0, 2), input => Assert.IsAssignableFrom<IDequantizeLayer>(graph.Producer(layer.GetInput(input)!)));
                }
            }

            return rig.Run(rig.Plan(network, config), ("data", Digits.Data, [Digits.Count, 1, 28, 28]))["prob"];
        }
    }

    internal static INetworkDefinition Conditional(Rig rig)
    {
        INetworkDefinition network = rig.Network(isStronglyTyped: true);
        ITensor c = network.AddInput("c", DataType.Bool, []);
        ITensor x = network.AddInput("x", DataType.Float, [2, 2]);
        IIfConditional conditional = network.AddIfConditional();
        conditional.SetCondition(c);
        ITensor inner = conditional.AddInput(x).GetOutput(0);
        ITensor then = network.AddMatrixMultiply(inner, MatrixOperation.None, network.AddConstant([2, 2], Trt.Interop.Weights.From([1f, 0, 0, 1])).GetOutput(0), MatrixOperation.None).GetOutput(0);
        ITensor otherwise = network.AddMatrixMultiply(inner, MatrixOperation.None, network.AddConstant([2, 2], Trt.Interop.Weights.From([2f, 0, 0, 2])).GetOutput(0), MatrixOperation.None).GetOutput(0);
        otherwise = network.AddElementWise(otherwise, network.AddConstant([1, 1], Trt.Interop.Weights.From([1f])).GetOutput(0), ElementWiseOperation.Sum).GetOutput(0);
        ITensor y = conditional.AddOutput(then, otherwise).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        return network;
    }

    internal static INetworkDefinition MaskedAttention(Rig rig)
    {
        INetworkDefinition network = rig.Network(isStronglyTyped: true);
        ITensor x = network.AddInput("x", DataType.Float, [1, 2, 3, 4]);
        IAttention attention = network.AddAttention(x, x, x, AttentionNormalizationOp.Softmax, false);
        attention.Mask = network.AddInput("mask", DataType.Float, [1, 1, 3, 3]);
        attention.Decomposable = true;
        ITensor y = attention.GetOutput(0)!;
        y.Name = "y";
        network.MarkOutput(y);
        return network;
    }

    private static INetworkDefinition Attention(Rig rig, out ITensor probabilities)
    {
        INetworkDefinition network = rig.Network(isStronglyTyped: true);
        ITensor x = network.AddInput("x", DataType.Float, [4, 8]);
        ITensor scores = Layer(network.AddMatrixMultiply(x, MatrixOperation.None, x, MatrixOperation.Transpose), "scores");
        ITensor scaled = Layer(network.AddElementWise(scores, network.AddConstant([1, 1], Trt.Interop.Weights.From([0.35f])).GetOutput(0), ElementWiseOperation.Prod), "scaled");
        probabilities = Layer(network.AddSoftMax(scaled), "softmax");
        network.MarkOutput(Layer(network.AddMatrixMultiply(probabilities, MatrixOperation.None, x, MatrixOperation.None), "values"));
        return network;
    }

    private static ITensor Constant(INetworkDefinition network, Dims dims, int count) => network.AddConstant(dims, Trt.Interop.Weights.From(Enumerable.Range(0, count).Select(i => (i % 7 - 3) / 7f).ToArray())).GetOutput(0);

    private static ITensor Layer(ILayer layer, string name)
    {
        layer.Name = name;
        return layer.GetOutput(0);
    }

}
