namespace Trt.Utils;

/// <summary>What is known before the library builds.</summary>
/// <param name="SourceHash">The model's hash.</param>
/// <param name="Profiles">The profiles, complete.</param>
internal sealed record BuildContext(string? SourceHash, IReadOnlyList<ShapeProfile> Profiles);
