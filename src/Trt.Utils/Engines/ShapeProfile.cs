using System.Collections;

namespace Trt.Utils;

/// <summary>An optimization profile: the range of shapes of each input, and of values of each input that is a shape tensor.</summary>
/// <remarks>
/// <c>new ShapeProfile { ["image"] = new([1, 3, 64, 64], [4, 3, 64, 64], [8, 3, 64, 64]) }</c>. A name may have one
/// <c>*</c> that stands for anything; the input's own name goes before. Inputs that it does not name get their static shape; their unknown extents follow <see cref="BuildOptions.NamedExtents"/> and <see cref="BuildOptions.DynamicExtents"/>.
/// </remarks>
public sealed class ShapeProfile : IEnumerable<KeyValuePair<string, ShapeRange>>
{
    private readonly SortedDictionary<string, ShapeRange> ranges = new(StringComparer.Ordinal);

    /// <summary>A profile that names no input yet.</summary>
    public ShapeProfile()
    {
    }

    /// <summary>A profile.</summary>
    /// <param name="ranges">Inputs and their ranges.</param>
    public ShapeProfile(IEnumerable<KeyValuePair<string, ShapeRange>> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        foreach ((string input, ShapeRange range) in ranges)
        {
            this.ranges[input] = range;
        }
    }

    /// <summary>Share of additional memory that the builder may aim for, 0 to 1; null leaves the library's own.</summary>
    public float? ExtraMemoryTarget { get; set; }

    /// <summary>Names of the inputs that it names, sorted.</summary>
    public IReadOnlyCollection<string> Inputs => ranges.Keys;

    /// <summary>The range of an input.</summary>
    /// <param name="input">The input's name.</param>
    /// <exception cref="KeyNotFoundException">The profile does not name it.</exception>
    public ShapeRange this[string input]
    {
        get => ranges[input];
        set => ranges[input] = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>The range of an input, if the profile names it.</summary>
    /// <param name="input">The input's name.</param>
    /// <param name="range">Its range.</param>
    public bool TryGet(string input, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ShapeRange? range) => ranges.TryGetValue(input, out range);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, ShapeRange>> GetEnumerator() => ranges.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
