using Trt.Interop;

namespace Trt.Utils;

/// <summary>
/// LeNet: two convolutions, each followed by a max pooling of 2, then <c>fc1</c>, ReLU, <c>fc2</c> and log-softmax. Tensors: <c>conv1</c>, <c>conv2</c>, <c>fc1</c>, <c>fc2</c> with <c>weight</c> and <c>bias</c>.
/// </summary>
public sealed record LeNet : IModelBuilder
{
    /// <inheritdoc/>
    public string Name => "LeNet";

    /// <summary>Batch size, or −1 to leave it open.</summary>
    public long Batch { get; init; } = -1;

    /// <summary>Type of input, weights and output.</summary>
    public DataType Type { get; init; } = DataType.Float;

    /// <summary>Name of the input, [batch, channels, side, side]: pixels from 0 to 1. Channels and side follow from the weights.</summary>
    public string InputName { get; init; } = "data";

    /// <summary>Name of the output, [batch, classes]: logarithms of probabilities.</summary>
    public string OutputName { get; init; } = "prob";

    /// <inheritdoc/>
    public bool Recognises(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return weights["conv1.weight"].IsTensor && weights["conv2.weight"].IsTensor && weights["fc1.weight"].IsTensor && weights["fc2.weight"].IsTensor
            && !weights.Contains("fc3") && !weights.Contains("conv3") && !weights.Contains("bn1");
    }

    /// <inheritdoc/>
    public IReadOnlyList<ModelInput> InputsFor(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        TorchTensor conv1 = weights.Expect("conv1.weight", -1, -1, -1, -1).Tensor;
        TorchTensor conv2 = weights.Expect("conv2.weight", -1, conv1.Shape[0], -1, -1).Tensor;
        TorchTensor fc1 = weights.Expect("fc1.weight", -1, -1).Tensor;

        // Backwards from what fc1 takes: maps of a square side, which each stage halved after its kernel took kernel − 1.
        long side = (long)Math.Round(Math.Sqrt((double)fc1.Shape[1] / Math.Max(conv2.Shape[0], 1)));
        if (side < 1 || side * side * conv2.Shape[0] != fc1.Shape[1])
        {
            throw Expect.Wrong(weights["fc1.weight"], $"whose inputs are no square maps of the {conv2.Shape[0]} channels of \"conv2.weight\"");
        }

        long height = Before(Before(side, conv2.Shape[2]), conv1.Shape[2]);
        long width = Before(Before(side, conv2.Shape[3]), conv1.Shape[3]);
        return [ModelInput.Of(InputName, Type, [Batch, conv1.Shape[1], height, width], (1, 8, 64))];

        static long Before(long side, long kernel) => (2 * side) + kernel - 1;
    }

    /// <inheritdoc/>
    public void Define(INetworkDefinition network, WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(network);
        ITensor x = network.AddInput(InputsFor(weights)[0], "batch", "channels", "height", "width");
        x = network.MaxPool2d(network.Conv2d(x, weights["conv1"]), 2);
        x = network.MaxPool2d(network.Conv2d(x, weights["conv2"]), 2);
        x = network.Relu(network.Linear(network.Flatten(x), weights["fc1"]));
        network.AddOutput(network.LogSoftmax(network.Linear(x, weights["fc2"])), OutputName);
    }
}
