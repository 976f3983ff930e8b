namespace Trt.Utils;

/// <summary>Whether a plan runs with a library on a GPU, as far as its head tells.</summary>
/// <param name="Verdict">The answer.</param>
/// <param name="Text">Why, and what to do, in sentences; empty when it fits.</param>
public sealed record PlanFit(PlanVerdict Verdict, string Text)
{
    /// <summary>The text, or that it fits.</summary>
    public override string ToString() => Text.Length == 0 ? "fits" : Text;
}
