using Trt.Interop;

namespace Trt.Utils;

/// <summary>How an engine cache behaves.</summary>
public sealed record EngineCacheOptions
{
    /// <summary>The most bytes that plans may take; after a build the ones that were not used for the longest time go. Null: no limit.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>
    /// What happens where nothing can be written: false, the default, throws before the build where that can be known, so that a deployment does not
    /// silently build for minutes at every start; true builds all the same, gives the plan from memory and warns.
    /// </summary>
    public bool BuildWhenUnwritable { get; init; }

    /// <summary>Told why entries are rebuilt, of waiting for other processes, hits, builds and evictions. Called on the calling threads.</summary>
    public Action<Severity, string>? Log { get; init; }
}
