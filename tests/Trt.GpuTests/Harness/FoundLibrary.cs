using Trt.Interop;

namespace Trt.GpuTests;

/// <summary>What a library is for.</summary>
internal enum LibraryKind
{
    Full,
    Lean,
    Dispatch,
    Rtx,
    OnnxParser,
    CaffeParser,
    Plugin,

    /// <summary>The CPU runtime through stub → vtable → proxy, laid out as a release.</summary>
    Rehearsal,
}

/// <summary>A library that was found, and what it says of itself.</summary>
/// <param name="Path">Its file; for a rehearsal <c>cpu:</c> and the release.</param>
/// <param name="Kind">What its name says that it is for.</param>
internal sealed record FoundLibrary(string Path, LibraryKind Kind)
{
    /// <summary>What it calls itself, such as <c>TensorRT lean runtime 10.16.1.11</c>.</summary>
    public string? Title { get; init; }

    public Flavour? Flavour { get; init; }

    public string? Version { get; init; }

    /// <summary>The release whose tables are used.</summary>
    public string? Release { get; init; }

    /// <summary>Whether it builds engines, as far as this machine lets it.</summary>
    public bool HasBuilder { get; init; }

    /// <summary>Whether it made a runtime here.</summary>
    public bool HasRuntime { get; init; }

    /// <summary>Why it cannot be used, or something of it cannot; null when all is well.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether it is a library that others accompany: TensorRT itself in one of its forms.</summary>
    public bool IsMain => Kind is LibraryKind.Full or LibraryKind.Lean or LibraryKind.Dispatch or LibraryKind.Rtx or LibraryKind.Rehearsal;

    public int Major => System.Version.TryParse(Version, out Version? version) ? version.Major : 0;

    /// <summary>Short name for lines and reports.</summary>
    public string Name => Kind == LibraryKind.Rehearsal ? Path : Title ?? System.IO.Path.GetFileName(Path);
}
