namespace Trt.Cli.Options;

/// <summary>Options that stand together in the help.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Options">The options, in the help's order.</param>
internal sealed record OptionGroup(string Title, IReadOnlyList<BuildOption> Options);
