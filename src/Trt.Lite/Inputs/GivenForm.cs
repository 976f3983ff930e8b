namespace Trt.Lite;

/// <summary>The form in which inputs were given.</summary>
/// <param name="Kind">Sample, batch, or a list of either.</param>
/// <param name="Sizes">How many samples each item has: one item for a sample or a batch.</param>
internal sealed record GivenForm(GivenKind Kind, int[] Sizes)
{
    /// <summary>One sample.</summary>
    public static GivenForm OneSample { get; } = new(GivenKind.Sample, [1]);

    /// <summary>Samples altogether.</summary>
    public int Count => Sizes.Sum();

    public bool IsLike(GivenForm other) => Kind == other.Kind && Sizes.AsSpan().SequenceEqual(other.Sizes);

    public override string ToString() => Kind switch
    {
        GivenKind.Sample => "one sample",
        GivenKind.Batch => $"a batch of {Sizes[0]}",
        GivenKind.Samples => $"a list of {Sizes.Length} sample{(Sizes.Length == 1 ? string.Empty : "s")}",
        _ => $"a list of batches of {string.Join(", ", Sizes)}",
    };
}
