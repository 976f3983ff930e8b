namespace Trt.Tests.Goldens;

/// <summary>What became of a case, in lines that a golden's can be compared with.</summary>
public sealed record CaseOutcome(string Id)
{
    /// <summary>built, refused_add, refused_build, or na.</summary>
    public string Status { get; set; } = "built";

    /// <summary>The call that gave nothing, with its number; or the member that is missing; else empty.</summary>
    public string Refused { get; set; } = string.Empty;

    /// <summary>Answers of calls that are neither objects nor nothing.</summary>
    public List<string> Answers { get; } = [];

    /// <summary>One line for each layer, each of its outputs, and each input and output of the network.</summary>
    public List<string> Network { get; } = [];

    /// <summary>Warnings and errors, each with its phase; without source lines.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Flags that the release does not have.</summary>
    public List<string> FlagsDropped { get; } = [];
}
