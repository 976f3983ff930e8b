namespace Trt.Cpu;

/// <summary>An optimization profile.</summary>
internal sealed record PlanProfile
{
    /// <summary>Least, usual and greatest shape by input.</summary>
    public required IReadOnlyDictionary<string, long[][]> Shapes { get; init; }

    /// <summary>Least, usual and greatest values by input that shapes depend on.</summary>
    public required IReadOnlyDictionary<string, long[][]> Values { get; init; }
}
