using Trt.Interop;
using Trt.Utils;

namespace LowLevelApi;

/// <summary>A PyTorch module written out with the network definition API, one call a layer, with the numbers of its state dict.</summary>
/// <remarks>
/// The module: conv1 = Conv2d(1, 20, 5), conv2 = Conv2d(20, 50, 5), fc1 = Linear(800, 500), fc2 = Linear(500, 10); forward: max pooling 2 after each
/// convolution, ReLU after fc1, log-softmax at the end.
/// </remarks>
internal static class PyTorchNet
{
    public const string Input = "data";
    public const string Output = "prob";

    public static void Define(INetworkDefinition network, IReadOnlyDictionary<string, TorchTensor> weights)
    {
        ITensor data = network.AddInput(Input, DataType.Float, [-1, 1, 28, 28]);

        IConvolutionLayer conv1 = network.AddConvolutionNd(data, 20, [5, 5], weights["conv1.weight"].ToWeights(), weights["conv1.bias"].ToWeights());
        conv1.StrideNd = [1, 1];

        IPoolingLayer pool1 = network.AddPoolingNd(conv1.GetOutput(0), PoolingType.Max, [2, 2]);
        pool1.StrideNd = [2, 2];

        IConvolutionLayer conv2 = network.AddConvolutionNd(pool1.GetOutput(0), 50, [5, 5], weights["conv2.weight"].ToWeights(), weights["conv2.bias"].ToWeights());
        conv2.StrideNd = [1, 1];

        IPoolingLayer pool2 = network.AddPoolingNd(conv2.GetOutput(0), PoolingType.Max, [2, 2]);
        pool2.StrideNd = [2, 2];

        IShuffleLayer view = network.AddShuffle(pool2.GetOutput(0));
        view.ReshapeDimensions = [0, 800];

        ITensor fc1 = Linear(network, view.GetOutput(0), weights["fc1.weight"], weights["fc1.bias"]);
        IActivationLayer relu1 = network.AddActivation(fc1, ActivationType.Relu);
        ITensor fc2 = Linear(network, relu1.GetOutput(0), weights["fc2.weight"], weights["fc2.bias"]);

        ISoftMaxLayer softMax = network.AddSoftMax(fc2);
        softMax.Axes = 1 << 1;
        ITensor logSoftMax = network.AddUnary(softMax.GetOutput(0), UnaryOperation.Log).GetOutput(0);
        logSoftMax.Name = Output;
        network.MarkOutput(logSoftMax);
    }

    /// <summary>x Wᵀ + b: what the fully connected layer of old releases did, in layers that every release has.</summary>
    private static ITensor Linear(INetworkDefinition network, ITensor x, TorchTensor w, TorchTensor b)
    {
        ITensor matrix = network.AddConstant(w.ToDims(), w.ToWeights()).GetOutput(0);
        ITensor bias = network.AddConstant([1, b.ElementCount], b.ToWeights()).GetOutput(0);
        ITensor product = network.AddMatrixMultiply(x, MatrixOperation.None, matrix, MatrixOperation.Transpose).GetOutput(0);
        return network.AddElementWise(product, bias, ElementWiseOperation.Sum).GetOutput(0);
    }
}
