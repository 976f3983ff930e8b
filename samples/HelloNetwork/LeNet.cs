using Trt.Interop;
using Trt.Utils;

namespace HelloNetwork;

/// <summary>LeNet, layer by layer, with the weights of a PyTorch checkpoint.</summary>
internal static class LeNet
{
    public const string InputName = "data";
    public const string OutputName = "prob";

    /// <summary>Fills a network: 28×28 grey digits in, the logarithms of ten probabilities out.</summary>
    /// <param name="network">An empty network.</param>
    /// <param name="weights">The checkpoint; stays open until the engine is built.</param>
    public static void Define(INetworkDefinition network, TorchStateDict weights)
    {
        ITensor data = network.AddInput(InputName, DataType.Float, [-1, 1, 28, 28]);
        ITensor x = Pool(network, Convolution(network, data, weights, "conv1", 20));
        x = Pool(network, Convolution(network, x, weights, "conv2", 50));

        IShuffleLayer flatten = network.AddShuffle(x);
        flatten.ReshapeDimensions = [0, 800];
        x = FullyConnected(network, flatten.GetOutput(0), weights, "fc1");
        x = network.AddActivation(x, ActivationType.Relu).GetOutput(0);
        x = FullyConnected(network, x, weights, "fc2");

        ISoftMaxLayer softMax = network.AddSoftMax(x);
        softMax.Axes = 1 << 1;
        ITensor prob = network.AddUnary(softMax.GetOutput(0), UnaryOperation.Log).GetOutput(0);
        prob.Name = OutputName;
        network.MarkOutput(prob);
    }

    private static ITensor Convolution(INetworkDefinition network, ITensor input, TorchStateDict weights, string name, int maps)
    {
        IConvolutionLayer layer = network.AddConvolutionNd(input, maps, [5, 5], weights[$"{name}.weight"].ToWeights(), weights[$"{name}.bias"].ToWeights());
        layer.Name = name;
        layer.StrideNd = [1, 1];
        return layer.GetOutput(0);
    }

    private static ITensor Pool(INetworkDefinition network, ITensor input)
    {
        IPoolingLayer layer = network.AddPoolingNd(input, PoolingType.Max, [2, 2]);
        layer.StrideNd = [2, 2];
        return layer.GetOutput(0);
    }

    /// <summary>y = x Wᵀ + b, as PyTorch's Linear: W is [outputs, inputs].</summary>
    private static ITensor FullyConnected(INetworkDefinition network, ITensor input, TorchStateDict weights, string name)
    {
        TorchTensor w = weights[$"{name}.weight"];
        TorchTensor b = weights[$"{name}.bias"];
        ITensor matrix = network.AddConstant(w.ToDims(), w.ToWeights()).GetOutput(0);
        ITensor bias = network.AddConstant([1, b.ElementCount], b.ToWeights()).GetOutput(0);
        IMatrixMultiplyLayer product = network.AddMatrixMultiply(input, MatrixOperation.None, matrix, MatrixOperation.Transpose);
        product.Name = name;
        return network.AddElementWise(product.GetOutput(0), bias, ElementWiseOperation.Sum).GetOutput(0);
    }
}
