using Trt.Interop;

namespace Trt.Utils;

/// <summary>The convolutional part of a MobileNetV2 under torchvision's names: <c>features.0</c> … <c>features.17</c>.</summary>
internal static class MobileNetV2Trunk
{
    private const int Blocks = 17;

    /// <summary>Maps at strides 8, 16 and 32: after blocks 6, 13 and 17.</summary>
    public static ITensor[] Define(INetworkDefinition network, ITensor input, WeightsMap weights)
    {
        WeightsMap features = weights["features"];
        ITensor x = Convolution(network, input, features[0][0], features[0][1], 2);
        List<ITensor> maps = [];
        for (int i = 1; i <= Blocks; i++)
        {
            // No tensor tells the strides; they are those of the published network.
            x = Block(network, x, features[i]["conv"], i is 2 or 4 or 7 or 14 ? 2 : 1);
            if (i is 6 or 13 or Blocks)
            {
                maps.Add(x);
            }
        }

        return [.. maps];
    }

    /// <summary>Widened (but in the first block), filtered channel by channel, narrowed without activation, and added where the shapes agree.</summary>
    private static ITensor Block(INetworkDefinition network, ITensor input, WeightsMap weights, long stride)
    {
        bool isWidened = weights[3].Exists;
        ITensor x = isWidened ? Convolution(network, input, weights[0][0], weights[0][1], 1) : input;
        int filter = isWidened ? 1 : 0;
        x = Convolution(network, x, weights[filter][0], weights[filter][1], stride);
        x = network.Conv2dBatchNorm(x, weights[filter + 1], weights[filter + 2]);
        return stride == 1 && x.Dimensions[1] == input.Dimensions[1] ? network.Add(input, x) : x;
    }

    private static ITensor Convolution(INetworkDefinition network, ITensor x, WeightsMap convolution, WeightsMap batchNorm, long stride) =>
        network.Relu6(network.Conv2dBatchNorm(x, convolution, batchNorm, stride, convolution.SamePadding(), groups: convolution.Groups(x.Dimensions[1])));
}
