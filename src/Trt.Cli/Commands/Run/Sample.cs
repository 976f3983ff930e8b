namespace Trt.Cli.Commands.Run;

/// <summary>One sample.</summary>
/// <param name="Name">What it is called: the path of a picture, <c>data[3]</c> of an array.</param>
/// <param name="Picture">The path of its picture; null when it has none.</param>
/// <param name="Relative">The path below the folder that was named; null when none was.</param>
/// <param name="Value">What the engine is given.</param>
internal sealed record Sample(string Name, string? Picture, string? Relative, object Value);
