using Trt.Interop;
using Trt.Utils;
using Xunit;

namespace Trt.Cpu.Tests.Calibration;

/// <summary>INT8 engines have INT8's error, 16-bit engines that of 16 bits.</summary>
public class Int8Tests
{
    [Fact]
    public void LeNetWithNvidiasScalesIsAsFarFromFloatAsNvidias()
    {
        using TestEngine test = new();
        using DigitCalibrator calibrator = DigitCalibrator.Of("minmax");
        calibrator.Cache = CalibrationTests.Golden("minmax");
        float[] prob = Run(test, config => CalibrationTests.Configure(config, calibrator));
        float[] exact = Run(test, _ => { });
        float[] nvidia = Golden("lenet_int8_minmax.npz");
        float[] nvidiaExact = Golden("lenet_fp32.npz");
        double range = nvidiaExact.Max() - nvidiaExact.Min();

        // Both round to steps of range/127; what is left of that at the output is noise of the same size, but not the same noise.
        Assert.InRange(Mean(nvidia, prob) / range, 0, 0.01);
        Assert.InRange(Most(nvidia, prob) / range, 0, 0.03);
        Assert.InRange(Mean(nvidiaExact, prob) / Mean(nvidiaExact, nvidia), 0.5, 2);
        Assert.Equal(OnnxLeNet.Accuracy(exact), OnnxLeNet.Accuracy(prob), 0.01);
        Assert.Empty(test.Log.Errors);
    }

    [Theory]
    [MemberData(nameof(CalibrationTests.Kinds), MemberType = typeof(CalibrationTests))]
    public void EveryAlgorithmKeepsTheAccuracy(string kind)
    {
        using TestEngine test = new();
        using DigitCalibrator calibrator = DigitCalibrator.Of(kind);
        float[] prob = Run(test, config => CalibrationTests.Configure(config, calibrator));
        float[] exact = Run(test, _ => { });
        Assert.Equal(OnnxLeNet.Accuracy(exact), OnnxLeNet.Accuracy(prob), 0.01);
        Assert.NotEqual(exact, prob);
    }

    [Theory]
    [InlineData(BuilderFlag.FP16)]
    [InlineData(BuilderFlag.BF16)]
    public void SixteenBitEnginesAreCloseToNvidias(BuilderFlag flag)
    {
        using TestEngine test = new();
        float[] prob = Run(test, config => config.SetFlag(flag));
        float[] nvidia = Golden("lenet_fp16.npz");
        Assert.InRange(Most(nvidia, prob) / (nvidia.Max() - nvidia.Min()), 0, 2e-2);
    }

    [Fact]
    public void DynamicRangesRoundInputAndWeightsToEightBits()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [1, 2, 1, 3]);
        float[] data = [0.1f, 0.26f, 5, -0.5f, -7, 2];
        float[] kernel = [1.27f, -0.634f, 0.0127f, 0.00636f];
        ITensor y = network.AddConvolutionNd(x, 2, [1, 1], Weights.From(kernel), Weights.From((float[])[0.001f, 10])).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        Assert.False(x.DynamicRangeIsSet());
        x.SetDynamicRange(-4, 2);
        y.SetDynamicRange(-20, 20);
        Assert.Equal((-4f, 2f, true), (x.DynamicRangeMin, x.DynamicRangeMax, x.DynamicRangeIsSet()));
        using ICudaEngine engine = test.Load(test.Plan(network, config => config.SetFlag(BuilderFlag.Int8)));
        float[] result = Run(engine, data, 6);

        double step = 4.0 / 127;
        double[] rounded = [.. data.Select(value => Math.Clamp(Math.Round(value / step), -128, 127) * step)];
        double[] weights = [.. kernel.Select((weight, i) => Math.Round(weight / (kernel[i / 2 * 2] / 127.0)) * (kernel[i / 2 * 2] / 127.0))];
        for (int map = 0; map < 2; map++)
        {
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal((weights[2 * map] * rounded[i]) + (weights[(2 * map) + 1] * rounded[i + 3]) + (map == 0 ? 0.001 : 10), result[(map * 3) + i], 1e-5);
            }
        }
    }

    /// <summary>y = W x over two channels, as each kind of layer with weights says it; weight [output, input].</summary>
    [SkippableTheory]
    [InlineData("convolution")]
    [InlineData("deconvolution")]
    [InlineData("fully connected, not a convolution")]
    [InlineData("product")]
    [InlineData("product, transposed")]
    [InlineData("product, weights first")]
    public void EachOutputChannelHasAScaleOfItsOwn(string kind)
    {
        Skip.If(kind.StartsWith("fully", StringComparison.Ordinal) && !TestLibrary.IsDirect, "The layout of the release has no fully connected layers.");
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        float[,] w = { { 1.27f, -0.634f }, { 0.0127f, 0.00636f } };
        float[] data = [0.5f, -1];
        float[] straight = [w[0, 0], w[0, 1], w[1, 0], w[1, 1]];
        float[] turned = [w[0, 0], w[1, 0], w[0, 1], w[1, 1]];
        ITensor x = network.AddInput("x", DataType.Float, kind.Contains("convolution", StringComparison.Ordinal) ? [1, 2, 1, 1] : kind == "product, weights first" ? [2, 1] : [1, 2]);
        ITensor Constant(float[] values) => network.AddConstant([2, 2], Weights.From(values)).GetOutput(0);
        ITensor y = (kind switch
        {
            "convolution" => network.AddConvolutionNd(x, 2, [1, 1], Weights.From(straight), default),
            "deconvolution" => network.AddDeconvolutionNd(x, 2, [1, 1], Weights.From(turned), default),
            "fully connected, not a convolution" => network.AddFullyConnected(x, 2, Weights.From(straight), default),
            "product" => network.AddMatrixMultiply(x, MatrixOperation.None, Constant(turned), MatrixOperation.None),
            "product, transposed" => network.AddMatrixMultiply(x, MatrixOperation.None, Constant(straight), MatrixOperation.Transpose),
            _ => (ILayer)network.AddMatrixMultiply(Constant(straight), MatrixOperation.None, x, MatrixOperation.None),
        }).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        x.SetDynamicRange(-1, 1);
        y.SetDynamicRange(-2, 2);
        using ICudaEngine engine = test.Load(test.Plan(network, config => config.SetFlag(BuilderFlag.Int8)));
        float[] result = Run(engine, data, 2);
        for (int channel = 0; channel < 2; channel++)
        {
            double scale = Math.Max(Math.Abs(w[channel, 0]), Math.Abs(w[channel, 1])) / 127.0;
            double expected = Enumerable.Range(0, 2).Sum(i => Math.Round(w[channel, i] / scale) * scale * Math.Round(data[i] * 127.0) / 127);
            Assert.Equal(expected, result[channel], 2e-6 * Math.Abs(w[channel, 0]));
            Assert.NotEqual(w[channel, 0] * data[0] + w[channel, 1] * data[1], result[channel], 1e-5 * Math.Abs(w[channel, 0]));
        }
    }

    [Fact]
    public void AMissingRangeMakesALayerFallBack()
    {
        using TestEngine test = new();
        float[] data = [0.123456f, -0.7f];
        byte[] Plan(bool both, Action<IConvolutionLayer, IBuilderConfig>? further = null)
        {
            INetworkDefinition network = test.Network();
            ITensor x = network.AddInput("x", DataType.Float, [1, 1, 1, 2]);
            x.SetDynamicRange(-1, 1);
            IConvolutionLayer first = network.AddConvolutionNd(x, 1, [1, 1], Weights.From((float[])[1]), default);
            IPoolingLayer second = network.AddPoolingNd(first.GetOutput(0), PoolingType.Average, [1, 1]);
            ITensor y = second.GetOutput(0);
            y.Name = "y";
            network.MarkOutput(y);
            if (both)
            {
                first.GetOutput(0).SetDynamicRange(-1, 1);
                y.SetDynamicRange(-1, 1);
            }

            return test.Plan(network, config =>
            {
                config.SetFlag(BuilderFlag.Int8);
                further?.Invoke(first, config);
                if (further is not null)
                {
                    second.Precision = DataType.Float;
                }
            });
        }

        float Step(float value) => MathF.Round(value * 127) / 127;
        Assert.Equal(data.Select(Step), Result(Plan(true)), (left, right) => Math.Abs(left - right) < 1e-6);
        Assert.Equal(data, Result(Plan(false)));
        Assert.Contains(test.Log.Lines, line => line.Severity == Severity.Warning && line.Text.StartsWith("Missing scale and zero-point for tensor y,", StringComparison.Ordinal));
        Assert.Equal(data, Result(Plan(true, (layer, config) =>
        {
            layer.Precision = DataType.Float;
            config.SetFlag(BuilderFlag.PreferPrecisionConstraints);
        })));
        TensorRtException error = Assert.Throws<TensorRtException>(() => Plan(false, (layer, config) =>
        {
            layer.Precision = DataType.Int8;
            config.SetFlag(BuilderFlag.ObeyPrecisionConstraints);
        }));
        Assert.Contains("(Unnamed Layer* 0) [Convolution]", error.Message, StringComparison.Ordinal);

        float[] Result(byte[] plan)
        {
            using ICudaEngine engine = test.Load(plan);
            return Run(engine, data, 2);
        }
    }

    private static float[] Run(TestEngine test, Action<IBuilderConfig> configure)
    {
        using ICudaEngine engine = test.Load(OnnxLeNet.Plan(test, configure));
        return OnnxLeNet.Run(engine);
    }

    private static float[] Run(ICudaEngine engine, float[] data, int count)
    {
        using IExecutionContext context = engine.CreateExecutionContext();
        using PinnedBuffers memory = new();
        float[] result = new float[count];
        context.SetTensorAddress("x", memory.Add(data));
        context.SetTensorAddress("y", memory.Add(result));
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        return result;
    }

    /// <summary>Of the first batch.</summary>
    private static float[] Golden(string name)
    {
        using NpzFile file = NpzFile.Open(Checkout.Path("tests", "goldens", name));
        return file["set0.prob"].ToFloat32();
    }

    private static double Mean(float[] golden, float[] ours) => golden.Zip(ours, (right, mine) => Math.Abs((double)right - mine)).Average();

    private static double Most(float[] golden, float[] ours) => golden.Zip(ours, (right, mine) => Math.Abs((double)right - mine)).Max();
}
