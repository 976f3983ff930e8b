using System.Collections.Immutable;

namespace Trt.Utils;

/// <summary>How pixels become a network's input: value = (pixel / <see cref="Divisor"/> − mean) / deviation.</summary>
public sealed record PixelScaling
{
    /// <summary>0 to 1, channels first.</summary>
    public static PixelScaling ZeroToOne { get; } = new();

    /// <summary>ImageNet's mean (0.485, 0.456, 0.406) and deviation (0.229, 0.224, 0.225), channels first: what torchvision's models were trained with.</summary>
    public static PixelScaling ImageNet { get; } = new() { Mean = [0.485f, 0.456f, 0.406f], Deviation = [0.229f, 0.224f, 0.225f] };

    /// <summary>What pixels are divided by; not 0.</summary>
    public float Divisor { get; init; } = 255;

    /// <summary>What is taken off, one for all channels or one a channel, in the order of the result; empty: nothing.</summary>
    public ImmutableArray<float> Mean { get; init; } = [];

    /// <summary>What is divided by at last, one for all channels or one a channel, in the order of the result; empty: 1.</summary>
    public ImmutableArray<float> Deviation { get; init; } = [];

    /// <summary>Where the channels stand.</summary>
    public TensorLayout Layout { get; init; }

    /// <summary>Blue first, as OpenCV's users trained.</summary>
    public bool Bgr { get; init; }

    /// <summary>The value of every pixel of a channel.</summary>
    internal void FillTable(Span<float> table, int channel, int channels)
    {
        float mean = Of(Mean, 0, nameof(Mean));
        float deviation = Of(Deviation, 1, nameof(Deviation));
        for (int pixel = 0; pixel < table.Length; pixel++)
        {
            table[pixel] = ((pixel / Divisor) - mean) / deviation;
        }

        float Of(ImmutableArray<float> values, float otherwise, string name) => values.Length switch
        {
            0 => otherwise,
            1 => values[0],
            int n when n == channels => values[channel],
            int n => throw new ArgumentException($"{name} has {n} values, but the picture has {channels} channels; give one, or one a channel."),
        };
    }
}
