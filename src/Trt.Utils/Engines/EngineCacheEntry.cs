namespace Trt.Utils;

/// <summary>One plan in an engine cache, as its description tells.</summary>
public sealed record EngineCacheEntry
{
    /// <summary>The key's digits, <see cref="EngineCacheKey.Id"/>.</summary>
    public required string Id { get; init; }

    /// <summary>The plan's file.</summary>
    public required string Path { get; init; }

    /// <summary>The plan's length, in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>When it was last built or used.</summary>
    public required DateTimeOffset LastUsed { get; init; }

    /// <summary>What it was made from and for; null when the description cannot be read.</summary>
    public EngineCacheKey? Key { get; init; }

    /// <summary>When it was built.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>How long the build took.</summary>
    public TimeSpan? BuildTime { get; init; }

    /// <summary>Why it cannot be used, as far as can be seen without reading the plan: it will be built again. Null when nothing is to be seen.</summary>
    public string? Problem { get; init; }
}
