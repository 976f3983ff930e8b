using Trt.Interop;

namespace Trt.Utils;

/// <summary>
/// RetinaNet with a feature pyramid, from checkpoints in the form of NVIDIA's ODTK: a trunk <c>backbones.NAME.features</c> (ResNet, ResNeXt or MobileNetV2, by its tensors), the pyramid beside it, and the heads
/// <c>cls_head</c> and <c>box_head</c>, which all levels share.
/// </summary>
/// <remarks>
/// Widths, depths, classes and anchors follow from the weights. With several backbones their levels come one after the other. Outputs <c>score_1</c> … are probabilities, [batch, anchors · classes, h, w];
/// <c>box_1</c> … are raw deltas, [batch, anchors · 4 (rotated 6), h, w], at strides 8 to 128.
/// </remarks>
public sealed record RetinaNet : IModelBuilder
{
    private const long Stride = 128;

    /// <inheritdoc/>
    public string Name => "RetinaNet";

    /// <summary>Batch size, or −1 to leave it open.</summary>
    public long Batch { get; init; } = -1;

    /// <summary>Height, a multiple of 128, or −1 to leave it open.</summary>
    public long Height { get; init; } = -1;

    /// <summary>Width, a multiple of 128, or −1 to leave it open.</summary>
    public long Width { get; init; } = -1;

    /// <summary>Type of input, weights and outputs.</summary>
    public DataType Type { get; init; } = DataType.Float;

    /// <summary>Name of the input, [batch, 3, height, width]: RGB, normalized as in training.</summary>
    public string InputName { get; init; } = "input_1";

    /// <inheritdoc/>
    public bool Recognises(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return weights["cls_head.0.weight"].IsTensor && weights["box_head.0.weight"].IsTensor && weights.Contains("backbones");
    }

    /// <inheritdoc/>
    public IReadOnlyList<ModelInput> InputsFor(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        foreach ((long extent, string name) in (ReadOnlySpan<(long, string)>)[(Height, nameof(Height)), (Width, nameof(Width))])
        {
            if (extent >= 0 && extent % Stride != 0)
            {
                throw new ArgumentException($"{name} is {extent}, but RetinaNet takes multiples of {Stride}. Pad pictures to the right and below.");
            }
        }

        WeightsMap features = Backbones(weights)[0]["features"];
        WeightsMap first = IsMobileNet(features) ? features["features.0.0"] : features["conv1"];
        long channels = first.Expect("weight", -1, -1, -1, -1).Tensor.Shape[1];
        (long, long, long) range = (Stride, 640, 1280);
        return [ModelInput.Of(InputName, Type, [Batch, channels, Height, Width], (1, 1, 16), default, range, range)];
    }

    /// <inheritdoc/>
    public void Define(INetworkDefinition network, WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(network);
        ITensor input = network.AddInput(InputsFor(weights)[0], "batch", "channels", "height", "width");
        List<ITensor> levels = [];
        foreach (WeightsMap backbone in Backbones(weights))
        {
            levels.AddRange(Pyramid(network, input, backbone));
        }

        ITensor[] scores = [.. levels.Select(level => network.Sigmoid(Head(network, level, weights["cls_head"])))];
        ITensor[] boxes = [.. levels.Select(level => Head(network, level, weights["box_head"]))];
        for (int i = 0; i < scores.Length; i++)
        {
            network.AddOutput(scores[i], $"score_{i + 1}");
        }

        for (int i = 0; i < boxes.Length; i++)
        {
            network.AddOutput(boxes[i], $"box_{i + 1}");
        }

        weights.IgnoreCounters();
    }

    private static List<WeightsMap> Backbones(WeightsMap weights)
    {
        WeightsMap all = weights["backbones"];
        List<WeightsMap> backbones = [.. all.Children.Select(name => all[name])];
        return backbones.Count > 0 ? backbones : throw new KeyNotFoundException("There are no tensors below \"backbones\", where those of a RetinaNet's trunk and pyramid are.");
    }

    private static bool IsMobileNet(WeightsMap features) => features.Contains("features");

    /// <summary>The five levels of one backbone, finest first.</summary>
    private static ITensor[] Pyramid(INetworkDefinition network, ITensor input, WeightsMap backbone)
    {
        WeightsMap features = backbone["features"];
        ITensor[] maps;
        if (IsMobileNet(features))
        {
            maps = MobileNetV2Trunk.Define(network, input, features);
            features["features.18"].MarkUsed();
            features["classifier"].MarkUsed();
        }
        else
        {
            maps = ResNetTrunk.Define(network, input, features)[1..];
            features["fc"].MarkUsed();
        }

        ITensor p5 = Same(network, maps[2], backbone["lateral5"]);
        ITensor p4 = network.Add(Same(network, maps[1], backbone["lateral4"]), network.Upsample(p5, 2));
        ITensor p3 = network.Add(Same(network, maps[0], backbone["lateral3"]), network.Upsample(p4, 2));
        ITensor p6 = network.Conv2d(maps[2], backbone["pyramid6"], stride: 2, padding: backbone["pyramid6"].SamePadding());
        ITensor p7 = network.Conv2d(network.Relu(p6), backbone["pyramid7"], stride: 2, padding: backbone["pyramid7"].SamePadding());
        return [Same(network, p3, backbone["smooth3"]), Same(network, p4, backbone["smooth4"]), Same(network, p5, backbone["smooth5"]), p6, p7];
    }

    private static ITensor Same(INetworkDefinition network, ITensor x, WeightsMap convolution) => network.Conv2d(x, convolution, padding: convolution.SamePadding());

    /// <summary>Convolutions 0, 2, 4 … with ReLUs between them.</summary>
    private static ITensor Head(INetworkDefinition network, ITensor x, WeightsMap weights)
    {
        x = Same(network, x, weights[0]);
        for (int i = 2; weights[i].Exists; i += 2)
        {
            x = Same(network, network.Relu(x), weights[i]);
        }

        return x;
    }
}
