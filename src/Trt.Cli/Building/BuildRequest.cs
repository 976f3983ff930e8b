using System.CommandLine;

namespace Trt.Cli.Building;

/// <summary>What is to be built, and where to.</summary>
/// <param name="CommandLine">Where it was asked for.</param>
/// <param name="Model">The model's file; null when only options are checked.</param>
/// <param name="Architecture">Of weights; null: recognised.</param>
/// <param name="Plan">The plan's file; null: it is not kept.</param>
/// <param name="RefitFrom">An ONNX file whose weights the plan gets after the build, or null.</param>
internal sealed record BuildRequest(ParseResult CommandLine, string? Model, string? Architecture, string? Plan, string? RefitFrom);
