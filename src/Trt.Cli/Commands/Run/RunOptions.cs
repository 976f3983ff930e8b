using Trt.Lite;

namespace Trt.Cli.Commands.Run;

/// <summary>What a command line asks a run for, besides how pictures are made values and how the engine is built.</summary>
internal sealed record RunOptions
{
    public required string Model { get; init; }

    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>Shapes of random values and bare bytes, by input.</summary>
    public IReadOnlyDictionary<string, long[]> Shapes { get; init; } = new Dictionary<string, long[]>();

    public int Seed { get; init; }

    /// <summary>Outputs that are wanted; none: all.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    public IReadOnlyList<string> Postprocess { get; init; } = [];

    public IReadOnlyList<string>? Labels { get; init; }

    public int Top { get; init; } = 1;

    public float? Threshold { get; init; }

    public float? Overlap { get; init; }

    public BoxFormat BoxFormat { get; init; }

    public bool BoxesAreNormalised { get; init; }

    public bool BoxesAreTransposed { get; init; }

    public bool BoxesHaveObjectness { get; init; }

    /// <summary>Where the right classes are looked for: auto, names, folders, none.</summary>
    public string Truth { get; init; } = "auto";

    /// <summary>Whether raw outputs are shown whole.</summary>
    public bool All { get; init; }

    /// <summary>An archive for the outputs' values.</summary>
    public string? Npz { get; init; }

    /// <summary>A file for the JSON document.</summary>
    public string? JsonFile { get; init; }

    /// <summary>A folder for pictures.</summary>
    public string? PictureFolder { get; init; }

    /// <summary>Whether values of files may be rounded and limited to fit the inputs' types.</summary>
    public bool Converts { get; init; }

    public int? MaxBatch { get; init; }

    public int? Profile { get; init; }

    public string? Cache { get; init; }

    public string? Architecture { get; init; }

    public string? Library { get; init; }

    /// <summary>Whether values are kept until the end.</summary>
    public bool KeepsValues => Npz is not null || All;
}
