namespace Trt.GpuTests;

/// <summary>A figure of a case.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">How much.</param>
/// <param name="Unit">Such as <c>us</c>, <c>images/s</c> or <c>x</c>.</param>
/// <param name="Limit">What it may be at most, or at least; null where nothing is asked of it.</param>
/// <param name="AtLeast">Whether the limit is the least value and not the greatest.</param>
internal sealed record Measurement(string Name, double Value, string Unit, double? Limit, bool AtLeast)
{
    /// <summary>Whether the limit is kept. What is no number keeps none.</summary>
    public bool IsKept => Limit is not { } limit || (AtLeast ? Value >= limit : Value <= limit);

    public override string ToString() => FormattableString.Invariant($"{Name}: {Value:0.###} {Unit}")
        + (Limit is { } limit ? FormattableString.Invariant($" ({(AtLeast ? "at least" : "at most")} {limit:0.###})") : string.Empty);
}
