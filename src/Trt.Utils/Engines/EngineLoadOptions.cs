using Trt.Interop;

namespace Trt.Utils;

/// <summary>How an engine is to be loaded.</summary>
public sealed record EngineLoadOptions
{
    /// <summary>Whether the plan's hash is compared with the one in the JSON beside it; reads the whole file once.</summary>
    public bool VerifyHash { get; init; } = true;

    /// <summary>Whether code inside of the plan may run: version-compatible plans that carry a lean runtime need it. Say yes for plans of your own only.</summary>
    public bool AllowHostCode { get; init; }

    /// <summary>The library of a lean runtime to load for plans of another release.</summary>
    public string? LeanRuntime { get; init; }

    /// <summary>Folder for temporary files.</summary>
    public string? TemporaryDirectory { get; init; }

    /// <summary>Which temporary files with code are allowed; null leaves the library's own.</summary>
    public IReadOnlyList<TempfileControlFlag>? TempfileControls { get; init; }

    /// <summary>DLA core that the engine runs on.</summary>
    public int? DLACore { get; init; }

    /// <summary>Threads that the runtime may use.</summary>
    public int? MaxThreads { get; init; }

    /// <summary>Libraries that are loaded into the runtime's plugin registry first.</summary>
    public IReadOnlyList<string> DynamicPlugins { get; init; } = [];
}
