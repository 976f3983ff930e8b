using Microsoft.Extensions.Diagnostics.HealthChecks;
using Trt.Lite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Engines among the health checks.</summary>
public static class TrtEngineHealthChecksExtensions
{
    /// <summary>Adds a check that runs an engine once, on zeros.</summary>
    /// <param name="checks">The checks.</param>
    /// <param name="engine">The engine's key; null: the one without a key.</param>
    /// <param name="name">The check's name; null: <c>trt</c>, with the key behind a hyphen.</param>
    /// <param name="slow">The time for a run from which on the engine counts as degraded; null: none.</param>
    /// <param name="failureStatus">What a failure counts as; null: unhealthy.</param>
    /// <param name="tags">Tags to choose checks by.</param>
    /// <returns>The checks.</returns>
    public static IHealthChecksBuilder AddTrtEngine(
        this IHealthChecksBuilder checks, string? engine = null, string? name = null, TimeSpan? slow = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(checks);
        return checks.Add(new HealthCheckRegistration(
            name ?? (engine is null ? "trt" : $"trt-{engine}"),
            provider => new EngineHealthCheck(() => engine is null ? provider.GetRequiredService<Engine>() : provider.GetRequiredKeyedService<Engine>(engine), slow),
            failureStatus,
            tags));
    }
}
