using System.Globalization;
using Trt.Cpu;
using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Quantization;

/// <summary>Where a library has no calibrators, which strongly typed networks never have, layers that quantize are written into the network.</summary>
[Collection(RtxCollection.Name)]
public class ExplicitQuantizationTests
{
    [Theory]
    [MemberData(nameof(Int8CalibrationTests.Kinds), MemberType = typeof(Int8CalibrationTests))]
    public void LeNet_is_as_exact_as_with_calibrators(string kind)
    {
        using Rig rig = new();
        using Int8Calibration calibration = Int8Calibration.FromBatches(Digits.Batches);
        calibration.Algorithm = Digits.Algorithm(kind);
        (float[] written, QuantizationReport report) = LeNet(rig, calibration, isStronglyTyped: true);
        Assert.Equal((QuantizationMethod.Explicit, DataType.Int8), (report.Method, report.Type));
        Assert.Equal(["/conv1/Conv", "/conv2/Conv", "/fc1/Gemm", "/fc2/Gemm"], report.Quantized.Order());
        Assert.Empty(report.LeftAlone);

        float[] calibrated = LeNet(new Rig(), calibration, isStronglyTyped: false).Prob;
        float[] exact = Exact();
        double range = exact.Max() - exact.Min();
        Assert.InRange(Mean(calibrated, written) / range, 0, 0.005);
        Assert.InRange(Mean(exact, written) / Mean(exact, calibrated), 0.5, 2);
        Assert.Equal(Digits.Accuracy(exact), Digits.Accuracy(written), 0.01);
    }

    [Fact]
    public void LeNet_is_as_far_from_float_as_TensorRts_own_engine()
    {
        using Int8Calibration calibration = Int8Calibration.FromBatches(Digits.Batches);
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        float[] prob = LeNet(new Rig(), calibration, isStronglyTyped: true).Prob[..(Digits.Batch * 10)];
        float[] nvidia = Digits.Golden("lenet_int8_minmax.npz", "set0.prob");
        float[] nvidiaExact = Digits.Golden("lenet_fp32.npz", "set0.prob");
        double range = nvidiaExact.Max() - nvidiaExact.Min();
        Assert.InRange(Mean(nvidia, prob) / range, 0, 0.01);
        Assert.InRange(Mean(nvidiaExact, prob) / Mean(nvidiaExact, nvidia), 0.5, 2);
    }

    [SkippableFact]
    public void The_layers_are_those_that_a_quantized_model_brings()
    {
        using Rig rig = new();
        using Int8Calibration calibration = Int8Calibration.FromBatches(Digits.Batches);
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        INetworkDefinition network = rig.Parsed(ModelFiles.Find("lenet.onnx"), isStronglyTyped: true);
        using NpzFile weights = NpzFile.Open(ModelFiles.FindOrSkip("lenet.npz"));
        calibration.Apply(rig.Builder, network, rig.Config(), rig.Library);
        NetworkGraph graph = new(network);
        Dictionary<string, float> golden = Digits.Golden("minmax").Scales.ToDictionary(entry => entry.Tensor, entry => entry.Scale);

        IConvolutionLayer convolution = Layers<IConvolutionLayer>(network).Single(layer => layer.Name == "/conv2/Conv");
        Assert.Equal((0L, 50L), (convolution.KernelWeights.Count, convolution.BiasWeights.Count));
        Assert.Equal(golden["/MaxPool_output_0"], Scale(convolution.GetInput(0)!, -1).Single(), 1e-4f * golden["/MaxPool_output_0"]);
        float[] kernel = weights["conv2.weight"].ToFloat32();
        Assert.Equal(Enumerable.Range(0, 50).Select(channel => kernel.Skip(channel * 500).Take(500).Max(Math.Abs) / 127), Scale(convolution.GetInput(1)!, 0));

        IMatrixMultiplyLayer product = Layers<IMatrixMultiplyLayer>(network).Single(layer => layer.Name == "/fc2/Gemm");
        Assert.Equal(golden["/Relu_output_0"], Scale(product.GetInput(0)!, -1).Single(), 1e-4f * golden["/Relu_output_0"]);
        float[] matrix = weights["fc2.weight"].ToFloat32();
        Assert.Equal(Enumerable.Range(0, 10).Select(output => matrix.Skip(output * 500).Take(500).Max(Math.Abs) / 127), Scale(product.GetInput(1)!, product.GetOperation(1) == MatrixOperation.Transpose ? 0 : 1));

        // The scales of a pair, and which axis they are for.
        float[] Scale(ITensor tensor, int axis)
        {
            IDequantizeLayer dequantize = Assert.IsAssignableFrom<IDequantizeLayer>(graph.Producer(tensor));
            IQuantizeLayer quantize = Assert.IsAssignableFrom<IQuantizeLayer>(graph.Producer(dequantize.GetInput(0)!));
            Assert.Equal((DataType.Int8, DataType.Float), (quantize.GetOutput(0).Type, tensor.Type));
            if (axis >= 0)
            {
                Assert.Equal((axis, axis), (quantize.Axis, dequantize.Axis));
            }

            return ((IConstantLayer)graph.Producer(quantize.GetInput(1)!)!).Weights.AsSpan<float>().ToArray();
        }
    }

    /// <summary>y = W x over two channels, as each kind of layer with weights says it.</summary>
    [Theory]
    [InlineData("convolution")]
    [InlineData("deconvolution")]
    [InlineData("product")]
    [InlineData("product, transposed")]
    [InlineData("product, weights first")]
    [InlineData("product, weights shuffled")]
    public void Each_output_channel_has_a_scale_of_its_own(string kind)
    {
        using Rig rig = new();
        INetworkDefinition network = rig.Network(isStronglyTyped: true);
        float[,] w = { { 1.27f, -0.634f }, { 0.0127f, 0.00636f } };
        float[] data = [0.3f, -1];
        float[] straight = [w[0, 0], w[0, 1], w[1, 0], w[1, 1]];
        float[] turned = [w[0, 0], w[1, 0], w[0, 1], w[1, 1]];
        Dims shape = kind.Contains("convolution", StringComparison.Ordinal) ? [1, 2, 1, 1] : kind == "product, weights first" ? [2, 1] : [1, 2];
        ITensor x = network.AddInput("x", DataType.Float, shape);
        ITensor y = (kind switch
        {
            "convolution" => network.AddConvolutionNd(x, 2, [1, 1], Trt.Interop.Weights.From(straight), default),
            "deconvolution" => network.AddDeconvolutionNd(x, 2, [1, 1], Trt.Interop.Weights.From(turned), default),
            "product" => network.AddMatrixMultiply(x, MatrixOperation.None, Constant(turned), MatrixOperation.None),
            "product, transposed" => network.AddMatrixMultiply(x, MatrixOperation.None, Constant(straight), MatrixOperation.Transpose),
            "product, weights shuffled" => network.AddMatrixMultiply(x, MatrixOperation.None, Turned(straight), MatrixOperation.None),
            _ => (ILayer)network.AddMatrixMultiply(Constant(straight), MatrixOperation.None, x, MatrixOperation.None),
        }).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        using Int8Calibration calibration = Int8Calibration.FromBatches([CalibrationTensor.From(data, shape.AsSpan())]);
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        QuantizationReport report = calibration.Apply(rig.Builder, network, rig.Config(), rig.Library);
        Assert.Single(report.Quantized);
        Assert.Equal("y", network.GetOutput(0).Name);
        float[] result = rig.Run(rig.Plan(network, rig.Config()), ("x", data, shape))["y"];
        for (int channel = 0; channel < 2; channel++)
        {
            double scale = Math.Max(Math.Abs(w[channel, 0]), Math.Abs(w[channel, 1])) / 127.0;
            double expected = Enumerable.Range(0, 2).Sum(i => Math.Round(w[channel, i] / scale) * scale * Math.Round(data[i] * 127.0) / 127);
            Assert.Equal(expected, result[channel], 2e-6 * Math.Abs(w[channel, 0]));
            Assert.NotEqual((w[channel, 0] * data[0]) + (w[channel, 1] * data[1]), result[channel], 1e-5 * Math.Abs(w[channel, 0]));
        }

        ITensor Constant(float[] values) => network.AddConstant([2, 2], Trt.Interop.Weights.From(values)).GetOutput(0);

        ITensor Turned(float[] values)
        {
            IShuffleLayer shuffle = network.AddShuffle(Constant(values));
            Permutation swap = default;
            (swap.Order[0], swap.Order[1]) = (1, 0);
            shuffle.FirstTranspose = swap;
            return shuffle.GetOutput(0);
        }
    }

    [Fact]
    public void Fp8_has_the_same_ranges_in_other_steps()
    {
        using Rig rig = new();
        INetworkDefinition network = rig.Network(isStronglyTyped: true);
        float[] data = [0.3f, -2, 0.01f];
        ITensor x = network.AddInput("x", DataType.Float, [1, 3]);
        ITensor w = network.AddConstant([3, 1], Trt.Interop.Weights.From([7f, 0.45f, 3])).GetOutput(0);
        ITensor y = network.AddMatrixMultiply(x, MatrixOperation.None, w, MatrixOperation.None).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        using Int8Calibration calibration = Int8Calibration.FromBatches([CalibrationTensor.From(data, 1, 3)]);
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        QuantizationReport report = calibration.Apply(rig.Builder, network, rig.Config(), rig.Library, DataType.FP8);
        Assert.Equal(DataType.FP8, report.Type);
        float result = rig.Run(rig.Plan(network, rig.Config()), ("x", data, [1, 3]))["y"][0];

        // E4M3 has three bits of fraction: 0.3 · 448/2 = 67.2 rounds to 64 (steps of 8), 0.01 · 224 = 2.24 to 2.25; 0.45 · 64 = 28.8 to 28 (steps of 2), 3 · 64 = 192.
        double expected = (64 * 7 * 64 + (-448 * 28) + (2.25 * 192)) * (2 / 448.0) * (7 / 448.0);
        Assert.Equal(expected, result, 1e-5 * Math.Abs(expected));
    }

    [Fact]
    public void Residual_branches_and_average_pooling_are_quantized_and_the_rest_is_not()
    {
        using Rig rig = new();
        INetworkDefinition network = rig.Network(isStronglyTyped: true);
        ITensor x = network.AddInput("x", DataType.Float, [1, 2, 4, 4]);
        ITensor a = Named(network.AddActivation(Convolution(x, "first"), ActivationType.Relu), "relu");
        ITensor b = Convolution(a, "second");
        ITensor sum = Named(network.AddElementWise(b, a, ElementWiseOperation.Sum), "residual");
        ITensor scaled = Named(network.AddElementWise(sum, network.AddConstant([1, 1, 1, 1], Trt.Interop.Weights.From([2f])).GetOutput(0), ElementWiseOperation.Sum), "bias");
        IPoolingLayer most = network.AddPoolingNd(scaled, PoolingType.Max, [2, 2]);
        most.StrideNd = [2, 2];
        ITensor pooled = Named(network.AddPoolingNd(Named(most, "most"), PoolingType.Average, [2, 2]), "average");
        pooled.Name = "y";
        network.MarkOutput(pooled);
        using Int8Calibration calibration = Int8Calibration.FromBatches([CalibrationTensor.From(Enumerable.Range(0, 32).Select(i => i / 31f).ToArray(), 1, 2, 4, 4)]);
        QuantizationReport report = calibration.Apply(rig.Builder, network, rig.Config(), rig.Library);
        Assert.Equal(["average", "first", "residual", "second"], report.Quantized.Order());
        NetworkGraph graph = new(network);
        ILayer residual = Layers<IElementWiseLayer>(network).Single(layer => layer.Name == "residual");
        Assert.IsAssignableFrom<IConvolutionLayer>(graph.Producer(residual.GetInput(0)!));
        Assert.IsAssignableFrom<IDequantizeLayer>(graph.Producer(residual.GetInput(1)!));

        // The second convolution and the residual branch read the same rounded tensor.
        Assert.Same(residual.GetInput(1), Layers<IConvolutionLayer>(network).Single(layer => layer.Name == "second").GetInput(0));
        Assert.IsAssignableFrom<IPoolingLayer>(graph.Producer(graph.Producer(graph.Producer(Layers<IPoolingLayer>(network).Single(layer => layer.Name == "average").GetInput(0)!)!.GetInput(0)!)!.GetInput(0)!));
        rig.Plan(network, rig.Config());

        ITensor Convolution(ITensor input, string name)
        {
            IConvolutionLayer layer = network.AddConvolutionNd(input, 2, [3, 3], Trt.Interop.Weights.From(Enumerable.Range(0, 36).Select(i => (i % 5 - 2) / 9f).ToArray()), default);
            layer.PaddingNd = [1, 1];
            return Named(layer, name);
        }

        static ITensor Named(ILayer layer, string name)
        {
            layer.Name = name;
            return layer.GetOutput(0);
        }
    }

    [Fact]
    public void Layers_are_excluded_by_name_and_type()
    {
        using Rig rig = new();
        using Int8Calibration calibration = Int8Calibration.FromBatches(Digits.Batches);
        calibration.ExcludedLayers.Add("/conv1/Conv");
        calibration.ExcludedTypes.Add(LayerType.MatrixMultiply);
        INetworkDefinition network = rig.Parsed(ModelFiles.Find("lenet.onnx"), isStronglyTyped: true);
        QuantizationReport report = calibration.Apply(rig.Builder, network, rig.Config(), rig.Library);
        Assert.Equal(["/conv2/Conv"], report.Quantized);
        Assert.Equal([("/conv1/Conv", "excluded by name"), ("/fc1/Gemm", "excluded as MatrixMultiply"), ("/fc2/Gemm", "excluded as MatrixMultiply")], report.LeftAlone);
        Assert.Contains("1 layers read Int8 now; 3 that could were left alone.", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_is_quantized_already_stays_as_it_is()
    {
        using Rig rig = new();
        using Int8Calibration calibration = Int8Calibration.FromBatches(Digits.Batches);
        INetworkDefinition network = rig.Parsed(ModelFiles.Find("lenet.onnx"), isStronglyTyped: true);
        calibration.Apply(rig.Builder, network, rig.Config(), rig.Library);
        int layers = network.NbLayers;
        Assert.Equal(QuantizationMethod.Already, calibration.Apply(rig.Builder, network, rig.Config(), rig.Library).Method);
        Assert.Equal(layers, network.NbLayers);
    }

    [Fact]
    public void Outputs_keep_their_order_and_names()
    {
        using Rig rig = new();
        INetworkDefinition network = rig.Network(isStronglyTyped: true);
        ITensor x = network.AddInput("x", DataType.Float, [1, 1, 1, 2]);
        for (int i = 0; i < 3; i++)
        {
            ITensor y = network.AddConvolutionNd(x, 1, [1, 1], Trt.Interop.Weights.From([i + 1f]), default).GetOutput(0);
            y.Name = string.Create(CultureInfo.InvariantCulture, $"y{i}");
            network.MarkOutput(y);
        }

        using Int8Calibration calibration = Int8Calibration.FromBatches([CalibrationTensor.From([1f, -0.5f], 1, 1, 1, 2)]);
        calibration.Algorithm = CalibrationAlgoType.MinmaxCalibration;
        calibration.Apply(rig.Builder, network, rig.Config(), rig.Library);
        Assert.Equal(["y0", "y1", "y2"], Enumerable.Range(0, network.NbOutputs).Select(output => network.GetOutput(output).Name));
        Dictionary<string, float[]> outputs = rig.Run(rig.Plan(network, rig.Config()), ("x", (float[])[1, -0.5f], [1, 1, 1, 2]));
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(i + 1, outputs[$"y{i}"][0], 1e-5));
    }

    [SkippableTheory]
    [InlineData(DataType.Int8)]
    [InlineData(DataType.FP8)]
    public void As_ONNX_it_is_a_quantized_model_that_parsers_read(DataType type)
    {
        using Rig rig = new();
        using Int8Calibration calibration = Int8Calibration.FromBatches(Digits.Batches);
        INetworkDefinition network = rig.Parsed(ModelFiles.Find("lenet.onnx"), isStronglyTyped: true);
        IBuilderConfig config = rig.Config();
        rig.Profile(config, ("data", [1, 1, 28, 28], [Digits.Count, 1, 28, 28]));
        calibration.Apply(rig.Builder, network, rig.Config(), rig.Library, type);
        float[] prob = rig.Run(rig.Plan(network, config), ("data", Digits.Data, [Digits.Count, 1, 28, 28]))["prob"];

        byte[] onnx = network.ToOnnx();
        using OnnxModel model = OnnxModel.Load(onnx);
        Assert.Equal((8, 8, 2), (Count("QuantizeLinear"), Count("DequantizeLinear"), Count("Conv")));
        Assert.DoesNotContain(model.Nodes, node => node.OpType is "Round" or "Clip" or "Div");
        Assert.All(model.Nodes.Where(node => node.OpType == "Conv"), node => Assert.All(node.Inputs.Take(2), input => Assert.Equal("DequantizeLinear", model.Nodes.Single(other => other.Outputs.Contains(input)).OpType)));

        // Read again, it computes the same.
        INetworkDefinition read = rig.Network(isStronglyTyped: true);
        rig.Own(rig.Library.CreateParser(read, rig.Log)).Parse(onnx);
        IBuilderConfig again = rig.Config();
        rig.Profile(again, ("data", [1, 1, 28, 28], [Digits.Count, 1, 28, 28]));
        float[] readProb = rig.Run(rig.Plan(read, again), ("data", Digits.Data, [Digits.Count, 1, 28, 28]))["prob"];
        Assert.All(prob.Zip(readProb), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        if (RtxLibrary.TryLoad() is { } library)
        {
            using Rig rtx = new(library);
            INetworkDefinition native = rtx.Network(isStronglyTyped: true);
            rtx.Own(library.CreateParser(native, rtx.Log)).Parse(onnx);
            Assert.Equal(8, Layers<IQuantizeLayer>(native).Count());
            Assert.Equal(8, Layers<IDequantizeLayer>(native).Count());
        }

        int Count(string operation) => model.Nodes.Count(node => node.OpType == operation);
    }

    private static IEnumerable<T> Layers<T>(INetworkDefinition network) => Enumerable.Range(0, network.NbLayers).Select(network.GetLayer).OfType<T>();

    private static (float[] Prob, QuantizationReport Report) LeNet(Rig rig, Int8Calibration calibration, bool isStronglyTyped)
    {
        using (rig)
        {
            INetworkDefinition network = rig.Parsed(ModelFiles.Find("lenet.onnx"), isStronglyTyped);
            IBuilderConfig config = rig.Config();
            rig.Profile(config, ("data", [1, 1, 28, 28], [Digits.Count, 1, 28, 28]));
            QuantizationReport report = calibration.Apply(rig.Builder, network, config, rig.Library);
            float[] prob = rig.Run(rig.Plan(network, config), ("data", Digits.Data, [Digits.Count, 1, 28, 28]))["prob"];
            Assert.True(!rig.Log.Errors.Any(), string.Join('\n', rig.Log.Errors));
            return (prob, report);
        }
    }

    private static float[] Exact()
    {
        using Rig rig = new();
        IBuilderConfig config = rig.Config();
        rig.Profile(config, ("data", [1, 1, 28, 28], [Digits.Count, 1, 28, 28]));
        return rig.Run(rig.Plan(rig.Parsed(ModelFiles.Find("lenet.onnx")), config), ("data", Digits.Data, [Digits.Count, 1, 28, 28]))["prob"];
    }

    private static double Mean(float[] left, float[] right) => left.Zip(right, (one, other) => Math.Abs((double)one - other)).Average();
}
