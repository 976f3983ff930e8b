namespace Trt.Utils.Tests.Networks;

/// <summary>Tensors under PyTorch's names with numbers that keep a network's values of the order of 1.</summary>
internal sealed class RandomWeights(int seed = 1)
{
    private readonly Dictionary<string, TorchTensor> tensors = [];
    private readonly Random random = new(seed);

    public WeightsMap Map => WeightsMap.From(tensors);

    public RandomWeights Add(string name, params long[] shape) => AddBetween(name, -1, 1, shape);

    public RandomWeights AddBetween(string name, double least, double greatest, params long[] shape)
    {
        float[] values = new float[shape.Aggregate(1L, (product, extent) => product * extent)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(least + (random.NextDouble() * (greatest - least)));
        }

        tensors[name] = TorchTensor.FromArray(values, shape);
        return this;
    }

    /// <summary>A convolution or a linear map; the more it sums up, the smaller are its weights.</summary>
    public RandomWeights AddKernel(string module, bool hasBias, params long[] shape)
    {
        double bound = Math.Sqrt(3.0 / shape.Skip(1).Aggregate(1L, (product, extent) => product * extent));
        AddBetween(module + ".weight", -bound, bound, shape);
        return hasBias ? Add(module + ".bias", shape[0]) : this;
    }

    public RandomWeights AddBatchNorm(string module, long channels) => AddBetween(module + ".weight", 0.5, 1.5, channels)
        .Add(module + ".bias", channels)
        .Add(module + ".running_mean", channels)
        .AddBetween(module + ".running_var", 0.5, 2, channels);

    /// <summary>A ResNet in torchvision's names: blocks in each layer, width of the first, and for bottlenecks their expansion and groups.</summary>
    public RandomWeights AddResNet(string prefix, int[] blocks, long width, bool isBottleneck, long groups = 1, long? classes = 5)
    {
        const int expansion = 4;
        AddKernel(prefix + "conv1", false, width, 3, 7, 7).AddBatchNorm(prefix + "bn1", width);
        long channels = width;
        for (int layer = 0; layer < 4; layer++)
        {
            long inner = width << layer;
            long outer = isBottleneck ? inner * expansion : inner;
            for (int block = 0; block < blocks[layer]; block++)
            {
                string place = $"{prefix}layer{layer + 1}.{block}.";
                long[][] kernels = isBottleneck
                    ? [[inner, channels, 1, 1], [inner, inner / groups, 3, 3], [outer, inner, 1, 1]]
                    : [[inner, channels, 3, 3], [inner, inner, 3, 3]];
                for (int i = 0; i < kernels.Length; i++)
                {
                    AddKernel($"{place}conv{i + 1}", false, kernels[i]).AddBatchNorm($"{place}bn{i + 1}", kernels[i][0]);
                }

                if (block == 0 && (layer > 0 || channels != outer))
                {
                    AddKernel(place + "downsample.0", false, outer, channels, 1, 1).AddBatchNorm(place + "downsample.1", outer);
                }

                channels = outer;
            }
        }

        return classes is { } count ? AddKernel(prefix + "fc", true, count, channels) : this;
    }
}
