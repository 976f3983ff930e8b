namespace Trt.Cli.Commands.Bench;

/// <summary>Inputs, and what the outputs for them should be.</summary>
/// <param name="Name">The pair's number; empty where there is one pair only.</param>
/// <param name="Inputs">Files of inputs.</param>
/// <param name="Outputs">Files of reference outputs; none: nothing is checked.</param>
internal sealed record ReferencePair(string Name, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs);
