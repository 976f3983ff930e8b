using Trt.Interop;

namespace Trt.Utils;

/// <summary>What model builders have in common.</summary>
internal static class ModelParts
{
    /// <summary>Adds an input; the names of open extents tell which are equal in all inputs.</summary>
    public static ITensor AddInput(this INetworkDefinition network, ModelInput input, params ReadOnlySpan<string> axes)
    {
        ITensor tensor = network.AddInput(input.Name, input.Type, input.Dimensions);
        for (int axis = 0; axis < axes.Length; axis++)
        {
            if (input.Dimensions[axis] < 0)
            {
                tensor.SetDimensionName(axis, axes[axis]);
            }
        }

        return tensor;
    }

    public static void AddOutput(this INetworkDefinition network, ITensor tensor, string name)
    {
        tensor.Name = name;
        network.MarkOutput(tensor);
    }

    /// <summary>How many numbered modules there are: <c>layers.0</c>, <c>layers.1</c> ….</summary>
    public static int Count(this WeightsMap weights)
    {
        int count = 0;
        while (weights[count].Exists)
        {
            count++;
        }

        return count;
    }

    /// <summary>Half the kernel: the padding that keeps the size.</summary>
    public static DimsHW SamePadding(this WeightsMap convolution)
    {
        TorchTensor kernel = convolution.Expect("weight", -1, -1, -1, -1).Tensor;
        return (kernel.Shape[2] / 2, kernel.Shape[3] / 2);
    }

    /// <summary>Groups of a convolution, from the channels that its kernel takes and those that there are.</summary>
    public static long Groups(this WeightsMap convolution, long channels)
    {
        TorchTensor kernel = convolution.Expect("weight", -1, -1, -1, -1).Tensor;
        return kernel.Shape[1] > 0 && channels % kernel.Shape[1] == 0
            ? channels / kernel.Shape[1]
            : throw Expect.Wrong(convolution["weight"], $"which divides the {channels} channels before it into no groups");
    }

    /// <summary>Counters of training, which no network uses, count as used.</summary>
    public static void IgnoreCounters(this WeightsMap weights)
    {
        foreach (string name in weights.Names)
        {
            if (name == "num_batches_tracked" || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))
            {
                weights[name].MarkUsed();
            }
        }
    }
}
