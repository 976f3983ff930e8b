using Trt.Cpu;
using Trt.Interop;

namespace Trt.Utils.Tests.Engines;

/// <summary>Libraries and small networks that tests of engines use.</summary>
internal static class EngineTestModels
{
    /// <summary>The library that the tests are about: the CPU runtime, unless a program runs them against another.</summary>
    public static TensorRtLibrary Library()
    {
        CpuRuntime.Register();
        return TestTarget.Library ?? TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
    }

    /// <summary>y = relu(2 x + 1) on [n, 4], n named "batch".</summary>
    public static void Define(INetworkDefinition network)
    {
        ITensor x = network.AddInput("x", DataType.Float, [-1, 4]);
        x.SetDimensionName(0, "batch");
        Fill(network, x);
    }

    /// <summary>y = relu(2 x + 1) on [3, 4].</summary>
    public static void DefineStatic(INetworkDefinition network) => Fill(network, network.AddInput("x", DataType.Float, [3, 4]));

    /// <summary>y = x reshaped to what the shape tensor s says.</summary>
    public static void DefineReshape(INetworkDefinition network)
    {
        ITensor x = network.AddInput("x", DataType.Float, [-1, 4]);
        ITensor s = network.AddInput("s", DataType.Int32, [2]);
        IShuffleLayer shuffle = network.AddShuffle(x);
        shuffle.SetInput(1, s);
        Mark(network, shuffle.GetOutput(0));
    }

    /// <summary>A 1x1 convolution over an image; static, with named layers.</summary>
    public static void DefineConvolution(INetworkDefinition network)
    {
        ITensor x = network.AddInput("x", DataType.Float, [1, 8, 6, 6]);
        float[] kernel = [.. Enumerable.Range(0, 8 * 8).Select(i => ((i * 7 % 13) - 6) / 8f)];
        IConvolutionLayer convolution = network.AddConvolutionNd(x, 8, [1, 1], Interop.Weights.From(kernel), Interop.Weights.From(new float[8]));
        convolution.Name = "conv1";
        IActivationLayer relu = network.AddActivation(convolution.GetOutput(0), ActivationType.Relu);
        relu.Name = "relu1";
        relu.GetOutput(0).Name = "hidden";
        IConvolutionLayer second = network.AddConvolutionNd(relu.GetOutput(0), 8, [1, 1], Interop.Weights.From(kernel), Interop.Weights.From(new float[8]));
        second.Name = "conv2";
        Mark(network, second.GetOutput(0));
    }

    /// <summary>What <see cref="Define"/> computes.</summary>
    public static float[] Expected(float[] x) => [.. x.Select(value => Math.Max((2 * value) + 1, 0))];

    private static void Fill(INetworkDefinition network, ITensor x)
    {
        ITensor two = network.AddConstant([1, 4], Interop.Weights.From(new float[] { 2, 2, 2, 2 })).GetOutput(0);
        ITensor one = network.AddConstant([1, 4], Interop.Weights.From(new float[] { 1, 1, 1, 1 })).GetOutput(0);
        ITensor product = network.AddElementWise(x, two, ElementWiseOperation.Prod).GetOutput(0);
        product.Name = "product";
        IElementWiseLayer sum = network.AddElementWise(product, one, ElementWiseOperation.Sum);
        sum.Name = "sum";
        Mark(network, network.AddActivation(sum.GetOutput(0), ActivationType.Relu).GetOutput(0));
    }

    private static void Mark(INetworkDefinition network, ITensor y)
    {
        y.Name = "y";
        network.MarkOutput(y);
    }
}
