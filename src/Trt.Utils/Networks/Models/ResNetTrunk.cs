using Trt.Interop;

namespace Trt.Utils;

/// <summary>The convolutional part of a ResNet or ResNeXt under torchvision's names: <c>conv1</c>, <c>bn1</c>, <c>layer1</c> … <c>layer4</c>.</summary>
/// <remarks>Blocks with <c>conv3</c> are bottlenecks, with the stride on <c>conv2</c>, and groups from the shapes; the others have two convolutions, the first with the stride.</remarks>
internal static class ResNetTrunk
{
    /// <summary>The maps after each of the four layers, at strides 4, 8, 16 and 32.</summary>
    public static ITensor[] Define(INetworkDefinition network, ITensor input, WeightsMap weights)
    {
        ITensor x = network.Conv2dBatchNorm(input, weights["conv1"], weights["bn1"], stride: 2, padding: weights["conv1"].SamePadding());
        x = network.MaxPool2d(network.Relu(x), 3, stride: 2, padding: 1);
        ITensor[] maps = new ITensor[4];
        for (int i = 0; i < maps.Length; i++)
        {
            WeightsMap layer = weights[$"layer{i + 1}"];

            // At least one block, so that the error names the first tensor of a layer that is missing.
            int blocks = Math.Max(layer.Count(), 1);
            for (int block = 0; block < blocks; block++)
            {
                x = Block(network, x, layer[block], block == 0 && i > 0 ? 2 : 1);
            }

            maps[i] = x;
        }

        return maps;
    }

    private static ITensor Block(INetworkDefinition network, ITensor input, WeightsMap weights, long stride)
    {
        bool isBottleneck = weights.Contains("conv3");
        ITensor x = Convolution(network, input, weights, 1, isBottleneck ? 1 : stride);
        x = Convolution(network, network.Relu(x), weights, 2, isBottleneck ? stride : 1);
        x = isBottleneck ? Convolution(network, network.Relu(x), weights, 3, 1) : x;
        WeightsMap shortcut = weights["downsample"];
        ITensor other = shortcut.Exists ? network.Conv2dBatchNorm(input, shortcut[0], shortcut[1], stride) : input;
        return network.Relu(network.Add(x, other));
    }

    private static ITensor Convolution(INetworkDefinition network, ITensor x, WeightsMap weights, int number, long stride)
    {
        WeightsMap convolution = weights[$"conv{number}"];
        long groups = number == 2 ? convolution.Groups(x.Dimensions[1]) : 1;
        return network.Conv2dBatchNorm(x, convolution, weights[$"bn{number}"], stride, convolution.SamePadding(), groups: groups);
    }
}
