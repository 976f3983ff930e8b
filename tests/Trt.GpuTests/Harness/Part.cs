namespace Trt.GpuTests;

/// <summary>A part of the program: runs in a process of its own, with a time limit.</summary>
/// <param name="Name">What --only and --except call it.</param>
/// <param name="Summary">What it checks, in a line.</param>
/// <param name="Needs">What it cannot do without.</param>
/// <param name="Run">Does it.</param>
internal sealed record Part(string Name, string Summary, Needs Needs, Action<PartContext> Run)
{
    /// <summary>Whether it runs once for each library that has what <see cref="Needs"/> says of builder and runtime, and not once for all.</summary>
    public bool EachLibrary { get; init; }

    /// <summary>Whether cases that were running when the process ended are left out in another process that does the rest.</summary>
    public bool Resumes { get; init; }

    /// <summary>Time limit in seconds where the usual one is too short; --time-limit raises it too.</summary>
    public int? Seconds { get; init; }

    /// <summary>The libraries that it is about, beyond what it needs; null for all.</summary>
    public Func<FoundLibrary, bool>? Fits { get; init; }

    /// <summary>Why a library is not one for this part; null when it is.</summary>
    public string? WhyNot(FoundLibrary library, DeviceReport device) =>
        Fits is not null && !Fits(library) ? "the part is about others"
        : Needs.HasFlag(Needs.Builder) && !library.HasBuilder ? "it builds nothing"
        : Needs.HasFlag(Needs.Execution) && library.Kind != LibraryKind.Rehearsal && device.Missing is not null ? "there is no GPU to run on"
        : Needs.HasFlag(Needs.Runtime) && !library.HasRuntime ? "it makes no runtime here"
        : null;
}
