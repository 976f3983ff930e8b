using Trt.Interop.NvOnnxParser;
using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.Rtx;

/// <summary>LeNet layer by layer: shapes and types are those that NVIDIA's parser finds in lenet.onnx, and it builds.</summary>
[Collection(RtxCollection.Name)]
public sealed class LeNetTests
{
    [SkippableFact]
    public void Layer_by_layer_is_what_the_parser_makes_of_the_file()
    {
        TensorRtLibrary library = RtxLibrary.Load();
        using IBuilder builder = library.CreateInferBuilder(new CollectingLogger());
        using INetworkDefinition parsed = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        using IParser parser = library.CreateParser(parsed, new CollectingLogger());
        parser.ParseFromFile(Checkout.Path("models", "lenet.onnx"), (int)Severity.Warning);
        using INetworkDefinition made = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);

        ITensor output = Define(made);

        Dictionary<string, string> expected = Enumerable.Range(0, parsed.NbLayers).Select(parsed.GetLayer)
            .ToDictionary(layer => layer.Name, layer => $"{layer.Type} {layer.GetOutput(0).Dimensions} {layer.GetOutput(0).Type}");
        foreach (ILayer layer in Enumerable.Range(0, made.NbLayers).Select(made.GetLayer).Where(layer => layer.Name.StartsWith('/')))
        {
            Assert.Equal(expected[layer.Name], $"{layer.Type} {layer.GetOutput(0).Dimensions} {layer.GetOutput(0).Type}");
        }

        Assert.Equal(parsed.GetOutput(0).Dimensions, output.Dimensions);
        using IBuilderConfig config = builder.CreateBuilderConfig();
        RtxLibrary.Target(config);
        IOptimizationProfile profile = builder.CreateOptimizationProfile();
        profile.SetDimensions("data", OptProfileSelector.Min, [1, 1, 28, 28]);
        profile.SetDimensions("data", OptProfileSelector.Opt, [4, 1, 28, 28]);
        profile.SetDimensions("data", OptProfileSelector.Max, [16, 1, 28, 28]);
        Assert.Equal(0, config.AddOptimizationProfile(profile));
        using IHostMemory plan = builder.BuildSerializedNetwork(made, config);
        Assert.True(plan.Size > 4 * 431_080, "LeNet's 431,080 parameters are in the plan.");
    }

    private static ITensor Define(INetworkDefinition network)
    {
        ITensor x = network.AddInput("data", DataType.Float, [-1, 1, 28, 28]);
        x = Convolution(network, x, 20, 1, "/conv1/Conv");
        x = Pooling(network, x, "/MaxPool");
        x = Convolution(network, x, 50, 20, "/conv2/Conv");
        x = Pooling(network, x, "/MaxPool_1");
        IShuffleLayer flat = network.AddShuffle(x);
        flat.ReshapeDimensions = [-1, 800];
        flat.Name = "/Reshape";
        x = Linear(network, flat.GetOutput(0), 500, 800, "/fc1/Gemm");
        IActivationLayer relu = network.AddActivation(x, ActivationType.Relu);
        relu.Name = "/Relu";
        x = Linear(network, relu.GetOutput(0), 10, 500, "/fc2/Gemm");
        ISoftMaxLayer softMax = network.AddSoftMax(x);
        softMax.Axes = 1 << 1;
        softMax.Name = "/LogSoftmax";
        IUnaryLayer log = network.AddUnary(softMax.GetOutput(0), UnaryOperation.Log);
        log.Name = "/LogSoftmax_5";
        ITensor output = log.GetOutput(0);
        output.Name = "prob";
        network.MarkOutput(output);
        return output;
    }

    private static ITensor Convolution(INetworkDefinition network, ITensor x, int maps, int channels, string name)
    {
        IConvolutionLayer layer = network.AddConvolutionNd(x, maps, [5, 5], Values(maps * channels * 25), Values(maps));
        layer.StrideNd = [1, 1];
        layer.Name = name;
        return layer.GetOutput(0);
    }

    private static ITensor Pooling(INetworkDefinition network, ITensor x, string name)
    {
        IPoolingLayer layer = network.AddPoolingNd(x, PoolingType.Max, [2, 2]);
        layer.StrideNd = [2, 2];
        layer.Name = name;
        return layer.GetOutput(0);
    }

    private static ITensor Linear(INetworkDefinition network, ITensor x, int outputs, int inputs, string name)
    {
        IConstantLayer weights = network.AddConstant([outputs, inputs], Values(outputs * inputs));
        IMatrixMultiplyLayer product = network.AddMatrixMultiply(x, MatrixOperation.None, weights.GetOutput(0), MatrixOperation.Transpose);
        product.Name = name;
        IConstantLayer bias = network.AddConstant([1, outputs], Values(outputs));
        return network.AddElementWise(product.GetOutput(0), bias.GetOutput(0), ElementWiseOperation.Sum).GetOutput(0);
    }

    private static Weights Values(int count) => Weights.From(Enumerable.Range(0, count).Select(i => ((i * 37 % 101) - 50) / 500f).ToArray());
}
