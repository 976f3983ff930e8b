namespace Trt.Utils;

/// <summary>What is known of a timing cache without the library that wrote it.</summary>
/// <param name="Library">What wrote it.</param>
/// <param name="Gpu">What its times were measured on; null where no description says it.</param>
/// <param name="Problem">Why the description beside it may not be trusted, as a part of a sentence; null when it fits.</param>
public sealed record TimingCacheInfo(string Library, string? Gpu, string? Problem);
