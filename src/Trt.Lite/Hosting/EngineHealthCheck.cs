using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Trt.Lite;

/// <summary>Runs an engine once, on zeros, and says whether that went well and how quick it was.</summary>
/// <param name="engine">Gives the engine; opening it for the first time is part of the check.</param>
/// <param name="slow">The time from which on it counts as degraded; null: none.</param>
public sealed class EngineHealthCheck(Func<Engine> engine, TimeSpan? slow = null) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            Engine opened = engine();
            long start = Stopwatch.GetTimestamp();
            await opened.ProbeAsync(cancellationToken).ConfigureAwait(false);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            Report report = opened.Report;
            Dictionary<string, object> data = new(StringComparer.Ordinal)
            {
                ["engine"] = opened.Name,
                ["probeMilliseconds"] = took.TotalMilliseconds,
                ["samples"] = report.Samples,
                ["runP50Milliseconds"] = report[Stage.Run].P50.TotalMilliseconds,
                ["runP99Milliseconds"] = report[Stage.Run].P99.TotalMilliseconds,
            };
            return took > slow
                ? HealthCheckResult.Degraded($"{opened.Name} took {took.TotalMilliseconds:0.0} ms for a run, more than {slow.Value.TotalMilliseconds:0.0} ms.", null, data)
                : HealthCheckResult.Healthy($"{opened.Name} runs.", data);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration?.FailureStatus ?? HealthStatus.Unhealthy, error.Message, error);
        }
    }
}
