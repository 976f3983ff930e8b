namespace Trt.Utils;

/// <summary>What a check of the installation found about one thing.</summary>
/// <param name="Area">What it belongs to: <c>System</c>, <c>CUDA</c>, <c>Libraries</c>, <c>Plan</c>, or a library's name and version.</param>
/// <param name="Name">What was looked at, such as <c>driver</c>, <c>build</c>, or a file's path.</param>
/// <param name="Status">What was found.</param>
/// <param name="Detail">The same in words, in the library's own where it failed.</param>
/// <param name="Remedy">What to install or to do; null when nothing is to be done.</param>
public sealed record HealthItem(string Area, string Name, HealthStatus Status, string Detail, string? Remedy = null);
