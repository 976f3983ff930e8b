namespace Trt.Utils;

/// <summary>How long a part of a build took.</summary>
/// <param name="Phase">The part.</param>
/// <param name="Seconds">Its time.</param>
public sealed record PhaseTime(string Phase, double Seconds);
