namespace Trt.Interop;

/// <summary>A line that a library logged.</summary>
/// <param name="Severity">How bad.</param>
/// <param name="Text">The library's words, control characters escaped.</param>
public readonly record struct LogLine(Severity Severity, string Text);
