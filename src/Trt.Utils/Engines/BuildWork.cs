using Trt.Interop;

namespace Trt.Utils;

/// <summary>What the parts of one build share.</summary>
internal sealed class BuildWork(TensorRtLibrary library, BuildLog log, BuildLog.Collector lines, BuildOptions options, BuildMonitor monitor, IBuilder builder, IBuilderConfig config)
{
    private readonly List<string> warnings = [];

    public TensorRtLibrary Library => library;

    public BuildLog Log => log;

    /// <summary>The warnings and errors that the library logged.</summary>
    public BuildLog.Collector Lines => lines;

    public BuildOptions Options => options;

    public BuildMonitor Monitor => monitor;

    public IBuilder Builder => builder;

    public IBuilderConfig Config => config;

    /// <summary>What was asked for and is not so, or was decided in the user's place.</summary>
    public IReadOnlyList<string> Warnings => warnings;

    /// <summary>Plugin libraries that a version-compatible plan of the parsed model needs.</summary>
    public IReadOnlyList<string> ParserPluginLibraries { get; set; } = [];

    /// <summary>The timing cache's file, or null.</summary>
    public TimingCacheFile? Timings { get; set; }

    /// <summary>Ranges of shapes that suit the model, by input, as far as its source knows them.</summary>
    public Dictionary<string, ShapeRange> SuggestedShapes { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the network's types follow from the network alone.</summary>
    public bool IsStronglyTyped { get; init; }

    public void Warn(string text)
    {
        if (!warnings.Contains(text))
        {
            warnings.Add(text);
            log.Log(Severity.Warning, text);
        }
    }
}
