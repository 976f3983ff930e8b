using Trt.Interop;
using Trt.Utils;

namespace Trt.Cpu.Tests;

/// <summary>The digit recogniser of models/, defined layer by layer with weights from lenet.pth.</summary>
internal static class LeNet
{
    /// <summary>Defines it; input <c>data</c> [batch, 1, 28, 28], output <c>prob</c> [batch, 10], logarithms of probabilities.</summary>
    public static void Define(INetworkDefinition network, long batch)
    {
        using TorchStateDict file = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));
        Weights Get(string name) => Weights.From(file[name].ToFloat32());
        ITensor x = network.AddInput("data", DataType.Float, [batch, 1, 28, 28]);
        foreach (string name in (string[])["conv1", "conv2"])
        {
            Weights bias = Get($"{name}.bias");
            IConvolutionLayer convolution = network.AddConvolutionNd(x, bias.Count, [5, 5], Get($"{name}.weight"), bias);
            IPoolingLayer pool = network.AddPoolingNd(convolution.GetOutput(0), PoolingType.Max, [2, 2]);
            pool.StrideNd = [2, 2];
            x = pool.GetOutput(0);
        }

        IShuffleLayer flat = network.AddShuffle(x);
        flat.ReshapeDimensions = [batch, -1];
        x = flat.GetOutput(0);
        foreach (string name in (string[])["fc1", "fc2"])
        {
            Weights bias = Get($"{name}.bias");
            TorchTensor matrix = file[$"{name}.weight"];
            ITensor weights = network.AddConstant([matrix.Shape[0], matrix.Shape[1]], Get($"{name}.weight")).GetOutput(0);
            ITensor product = network.AddMatrixMultiply(x, MatrixOperation.None, weights, MatrixOperation.Transpose).GetOutput(0);
            x = network.AddElementWise(product, network.AddConstant([1, bias.Count], bias).GetOutput(0), ElementWiseOperation.Sum).GetOutput(0);
            x = name == "fc1" ? network.AddActivation(x, ActivationType.Relu).GetOutput(0) : x;
        }

        ISoftMaxLayer softMax = network.AddSoftMax(x);
        softMax.Axes = 1 << 1;
        ITensor prob = network.AddUnary(softMax.GetOutput(0), UnaryOperation.Log).GetOutput(0);
        prob.Name = "prob";
        network.MarkOutput(prob);
    }
}
