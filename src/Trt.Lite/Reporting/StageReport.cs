namespace Trt.Lite;

/// <summary>How long a stage took.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Count">How often it came.</param>
/// <param name="Mean">On average.</param>
/// <param name="P50">The time within which half of them were done, right within 3 %.</param>
/// <param name="P99">The time within which 99 of 100 were done, right within 3 %.</param>
/// <param name="Max">The longest.</param>
public sealed record StageReport(Stage Stage, long Count, TimeSpan Mean, TimeSpan P50, TimeSpan P99, TimeSpan Max);
