using System.Text.Json.Serialization;

namespace Trt.Utils;

/// <summary>Least, usual and greatest shape of an input; of a shape tensor, its values.</summary>
public sealed record ShapeRange
{
    /// <summary>Three shapes, or three lists of values.</summary>
    /// <param name="min">Least extents.</param>
    /// <param name="opt">The extents that the engine is tuned for.</param>
    /// <param name="max">Greatest extents.</param>
    /// <exception cref="ArgumentException">They have different numbers of axes, or are not in order.</exception>
    [JsonConstructor]
    public ShapeRange(IReadOnlyList<long> min, IReadOnlyList<long> opt, IReadOnlyList<long> max)
    {
        ArgumentNullException.ThrowIfNull(min);
        ArgumentNullException.ThrowIfNull(opt);
        ArgumentNullException.ThrowIfNull(max);
        Min = min;
        Opt = opt;
        Max = max;
        if (min.Count != opt.Count || opt.Count != max.Count || min.Zip(opt).Any(pair => pair.First > pair.Second) || opt.Zip(max).Any(pair => pair.First > pair.Second))
        {
            throw new ArgumentException($"The range {this} is none: min, opt and max must have as many extents each, with min <= opt <= max.");
        }
    }

    /// <summary>One shape only.</summary>
    /// <param name="shape">Least, usual and greatest.</param>
    public ShapeRange(params long[] shape)
        : this(shape, shape, shape)
    {
    }

    /// <summary>Least extents.</summary>
    public IReadOnlyList<long> Min { get; }

    /// <summary>The extents that the engine is tuned for.</summary>
    public IReadOnlyList<long> Opt { get; }

    /// <summary>Greatest extents.</summary>
    public IReadOnlyList<long> Max { get; }

    /// <inheritdoc/>
    public bool Equals(ShapeRange? other) => other is not null && Min.SequenceEqual(other.Min) && Opt.SequenceEqual(other.Opt) && Max.SequenceEqual(other.Max);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Min.Count, Opt.Sum(), Max.Sum());

    /// <summary>As in <c>1x3 .. 4x3 .. 8x3</c>.</summary>
    public override string ToString() => $"{Text(Min)} .. {Text(Opt)} .. {Text(Max)}";

    internal static string Text(IEnumerable<long> extents)
    {
        string text = string.Join('x', extents);
        return text.Length == 0 ? "scalar" : text;
    }
}
