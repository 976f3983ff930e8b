namespace Trt.Build.Testing;

/// <summary>One test's end.</summary>
/// <param name="Project">The test project.</param>
/// <param name="Name">The test's name.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Text">Why it failed or was skipped; empty for a passed test.</param>
internal sealed record TestOutcome(string Project, string Name, TestResult Result, string Text);
