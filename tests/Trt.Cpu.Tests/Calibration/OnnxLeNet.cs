using Trt.Interop;
using Trt.Utils;

namespace Trt.Cpu.Tests.Calibration;

/// <summary>LeNet with the layers and tensor names that NVIDIA's parser makes of models/lenet.onnx; batch is dynamic.</summary>
internal static class OnnxLeNet
{
    public const int Digits = 200;
    public const int Batch = 20;

    public static void Define(INetworkDefinition network)
    {
        using TorchStateDict file = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));
        Weights Get(string name) => Weights.From(file[name].ToFloat32());
        ITensor x = network.AddInput("data", DataType.Float, [-1, 1, 28, 28]);
        foreach ((string convolution, string pool) in (ReadOnlySpan<(string, string)>)[("conv1", "/MaxPool"), ("conv2", "/MaxPool_1")])
        {
            Weights bias = Get($"{convolution}.bias");
            x = Named(network.AddConvolutionNd(x, bias.Count, [5, 5], Get($"{convolution}.weight"), bias), $"/{convolution}/Conv");
            IPoolingLayer pooling = network.AddPoolingNd(x, PoolingType.Max, [2, 2]);
            pooling.StrideNd = [2, 2];
            x = Named(pooling, pool);
        }

        IShuffleLayer flat = network.AddShuffle(x);
        flat.ReshapeDimensions = [0, 800];
        x = Named(flat, "/Reshape");
        x = Named(network.AddActivation(Gemm("fc1"), ActivationType.Relu), "/Relu");
        ISoftMaxLayer softMax = network.AddSoftMax(Gemm("fc2"));
        softMax.Axes = 1 << 1;
        softMax.Name = "/LogSoftmax";
        ITensor prob = network.AddUnary(softMax.GetOutput(0), UnaryOperation.Log).GetOutput(0);
        prob.Name = "prob";
        network.MarkOutput(prob);

        ITensor Gemm(string name)
        {
            TorchTensor matrix = file[$"{name}.weight"];
            ITensor weights = network.AddConstant([matrix.Shape[0], matrix.Shape[1]], Get($"{name}.weight")).GetOutput(0);
            ITensor product = network.AddMatrixMultiply(x, MatrixOperation.None, weights, MatrixOperation.Transpose).GetOutput(0);
            IShuffleLayer bias = network.AddShuffle(network.AddConstant([matrix.Shape[0]], Get($"{name}.bias")).GetOutput(0));
            bias.ReshapeDimensions = [1, matrix.Shape[0]];
            return Named(network.AddElementWise(product, bias.GetOutput(0), ElementWiseOperation.Sum), $"/{name}/Gemm");
        }
    }

    /// <summary>One profile: 1 to 32 images, usually a batch.</summary>
    public static void AddProfile(IBuilder builder, IBuilderConfig config)
    {
        IOptimizationProfile profile = builder.CreateOptimizationProfile();
        profile.SetDimensions("data", OptProfileSelector.Min, [1, 1, 28, 28]);
        profile.SetDimensions("data", OptProfileSelector.Opt, [Batch, 1, 28, 28]);
        profile.SetDimensions("data", OptProfileSelector.Max, [32, 1, 28, 28]);
        config.AddOptimizationProfile(profile);
    }

    public static byte[] Plan(TestEngine test, Action<IBuilderConfig> configure, Action<INetworkDefinition>? change = null)
    {
        INetworkDefinition network = test.Network();
        Define(network);
        change?.Invoke(network);
        return test.Plan(network, config =>
        {
            AddProfile(test.Builder, config);
            configure(config);
        });
    }

    /// <summary>Outputs for the digits, in batches.</summary>
    public static float[] Run(ICudaEngine engine)
    {
        using IExecutionContext context = engine.CreateExecutionContext();
        using PinnedBuffers memory = new();
        float[] prob = new float[Digits * 10];
        nint data = memory.Add(Images());
        nint result = memory.Add(prob);
        for (int batch = 0; batch < Digits / Batch; batch++)
        {
            context.SetInputShape("data", [Batch, 1, 28, 28]);
            context.SetTensorAddress("data", data + (batch * Batch * 784 * sizeof(float)));
            context.SetTensorAddress("prob", result + (batch * Batch * 10 * sizeof(float)));
            context.EnqueueV3(0);
            TestDevice.Synchronize();
        }

        return prob;
    }

    public static float[] Images()
    {
        using NpzFile file = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        return file["data"].ToFloat32();
    }

    /// <summary>Share of digits whose most likely class is the right one.</summary>
    public static double Accuracy(float[] prob)
    {
        using NpzFile file = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        long[] labels = file["labels"].ToArray<long>();
        return Enumerable.Range(0, Digits).Count(digit => Array.IndexOf(prob, prob.AsSpan(digit * 10, 10).ToArray().Max(), digit * 10, 10) - (digit * 10) == labels[digit]) / (double)Digits;
    }

    private static ITensor Named(ILayer layer, string name)
    {
        layer.Name = name;
        layer.GetOutput(0).Name = $"{name}_output_0";
        return layer.GetOutput(0);
    }
}
