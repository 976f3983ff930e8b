using Trt.Interop;

namespace Trt.Utils;

/// <summary>ResNet 18, 34, 50, 101, 152, ResNeXt and Wide ResNet under torchvision's names; how deep, how wide and in how many groups is read from the weights.</summary>
public sealed record ResNet : IModelBuilder
{
    /// <inheritdoc/>
    public string Name => "ResNet";

    /// <summary>Batch size, or −1 to leave it open.</summary>
    public long Batch { get; init; } = -1;

    /// <summary>Height, or −1 to leave it open.</summary>
    public long Height { get; init; } = 224;

    /// <summary>Width, or −1 to leave it open.</summary>
    public long Width { get; init; } = 224;

    /// <summary>Type of input, weights and output.</summary>
    public DataType Type { get; init; } = DataType.Float;

    /// <summary>Name of the input, [batch, channels, height, width]: normalized as in training.</summary>
    public string InputName { get; init; } = "input";

    /// <summary>Name of the output: [batch, classes] scores before the softmax, or without <c>fc</c> in the weights [batch, features].</summary>
    public string OutputName { get; init; } = "output";

    /// <inheritdoc/>
    public bool Recognises(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return weights["conv1.weight"].IsTensor && weights["bn1.running_mean"].IsTensor && weights["layer1.0.conv1.weight"].IsTensor && weights["layer4.0.conv1.weight"].IsTensor;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ModelInput> InputsFor(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        long channels = weights.Expect("conv1.weight", -1, -1, -1, -1).Tensor.Shape[1];
        return [ModelInput.Of(InputName, Type, [Batch, channels, Height, Width], (1, 1, 16), default, (32, 224, 512), (32, 224, 512))];
    }

    /// <inheritdoc/>
    public void Define(INetworkDefinition network, WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(network);
        ITensor x = network.AddInput(InputsFor(weights)[0], "batch", "channels", "height", "width");
        ITensor features = network.Flatten(network.AdaptiveAvgPool2d(ResNetTrunk.Define(network, x, weights)[^1]));
        network.AddOutput(weights.Contains("fc") ? network.Linear(features, weights["fc"]) : features, OutputName);
        weights.IgnoreCounters();
    }
}
