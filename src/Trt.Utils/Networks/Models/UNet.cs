using Trt.Interop;

namespace Trt.Utils;

/// <summary>
/// A U-Net: stages <c>down1</c> … <c>downK</c> with max poolings of 2 between them, <c>bottom</c>, then for each stage backwards a transposed convolution <c>upK</c> and, behind the stage's own maps, <c>joinK</c>; at the
/// end the convolution <c>head</c>.
/// </summary>
/// <remarks>A stage is twice a convolution without bias, a batch normalization and a ReLU: modules 0, 1, 3 and 4 of a Sequential. How many stages there are and how wide they are is read from the weights.</remarks>
public sealed record UNet : IModelBuilder
{
    /// <inheritdoc/>
    public string Name => "U-Net";

    /// <summary>Batch size, or −1 to leave it open.</summary>
    public long Batch { get; init; } = -1;

    /// <summary>Height, a multiple of 2 to the power of the stages, or −1 to leave it open.</summary>
    public long Height { get; init; } = -1;

    /// <summary>Width, a multiple of 2 to the power of the stages, or −1 to leave it open.</summary>
    public long Width { get; init; } = -1;

    /// <summary>Type of input, weights and output.</summary>
    public DataType Type { get; init; } = DataType.Float;

    /// <summary>Name of the input, [batch, channels, height, width].</summary>
    public string InputName { get; init; } = "image";

    /// <summary>Name of the output, [batch, classes, height, width].</summary>
    public string OutputName { get; init; } = "logits";

    /// <inheritdoc/>
    public bool Recognises(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return weights["down1.0.weight"].IsTensor && weights["bottom.0.weight"].IsTensor && weights["up1.weight"].IsTensor && weights["head.weight"].IsTensor;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ModelInput> InputsFor(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        long channels = weights.Expect("down1.0.weight", -1, -1, -1, -1).Tensor.Shape[1];
        long step = 1L << Stages(weights);
        foreach ((long extent, string name) in (ReadOnlySpan<(long, string)>)[(Height, nameof(Height)), (Width, nameof(Width))])
        {
            if (extent >= 0 && extent % step != 0)
            {
                throw new ArgumentException($"{name} is {extent}, but a U-Net of {Stages(weights)} stages takes multiples of {step}.");
            }
        }

        (long, long, long) range = (step, 64 * step, 256 * step);
        return [ModelInput.Of(InputName, Type, [Batch, channels, Height, Width], (1, 1, 16), default, range, range)];
    }

    /// <inheritdoc/>
    public void Define(INetworkDefinition network, WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(network);
        ITensor x = network.AddInput(InputsFor(weights)[0], "batch", "channels", "height", "width");
        int stages = Stages(weights);
        ITensor[] kept = new ITensor[stages];
        for (int i = 0; i < stages; i++)
        {
            kept[i] = Stage(network, x, weights[$"down{i + 1}"]);
            x = network.MaxPool2d(kept[i], 2);
        }

        x = Stage(network, x, weights["bottom"]);
        for (int i = stages - 1; i >= 0; i--)
        {
            WeightsMap up = weights[$"up{i + 1}"];
            TorchTensor kernel = up.Expect("weight", -1, -1, 2, 2).Tensor;
            x = network.ConvTranspose2d(x, up, stride: (kernel.Shape[2], kernel.Shape[3]));
            x = Stage(network, network.Concat(1, x, kept[i]), weights[$"join{i + 1}"]);
        }

        network.AddOutput(network.Conv2d(x, weights["head"], padding: weights["head"].SamePadding()), OutputName);
        weights.IgnoreCounters();
    }

    private static int Stages(WeightsMap weights)
    {
        int stages = 1;
        while (weights.Contains($"down{stages + 1}"))
        {
            stages++;
        }

        return stages;
    }

    private static ITensor Stage(INetworkDefinition network, ITensor x, WeightsMap weights) => network.Sequential(
        x,
        weights,
        Module.Conv2d(padding: weights[0].SamePadding()),
        Module.BatchNorm(),
        Module.Relu,
        Module.Conv2d(padding: weights[3].SamePadding()),
        Module.BatchNorm(),
        Module.Relu);
}
