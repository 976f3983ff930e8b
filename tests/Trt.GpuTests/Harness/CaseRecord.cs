namespace Trt.GpuTests;

/// <summary>How a case ended.</summary>
internal enum Outcome
{
    Ok,
    Failed,
    Skipped,
}

/// <summary>A case as the report has it.</summary>
/// <param name="Part">The part it belongs to.</param>
/// <param name="Library">The library it ran on; null for parts that run once for all.</param>
/// <param name="Name">Its name.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">What was wrong, or why it was skipped.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Measurements">Its figures.</param>
internal sealed record CaseRecord(string Part, string? Library, string Name, Outcome Outcome, string? Message, double Milliseconds, IReadOnlyList<Measurement> Measurements);
