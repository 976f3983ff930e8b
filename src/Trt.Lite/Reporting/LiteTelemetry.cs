using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Trt.Lite;

/// <summary>Names under which metrics and traces are told, for OpenTelemetry and the like.</summary>
public static class LiteTelemetry
{
    /// <summary>
    /// The meter: <c>trt.lite.stage.duration</c> (histogram, seconds, tags <c>trt.engine</c> and <c>trt.stage</c>), <c>trt.lite.samples</c> and <c>trt.lite.sample.failures</c> (counters, tag <c>trt.engine</c>).
    /// </summary>
    public const string MeterName = "Trt.Lite";

    /// <summary>The source of activities: <c>trt.open</c> around opening an engine with building or loading, <c>trt.infer</c> around a call, <c>trt.batch</c> around a batch of a pipeline; tag <c>trt.engine</c>.</summary>
    public const string ActivitySourceName = "Trt.Lite";

    private static readonly Meter Meter = new(MeterName);

    internal static ActivitySource Activities { get; } = new(ActivitySourceName);

    internal static Histogram<double> Durations { get; } = Meter.CreateHistogram<double>("trt.lite.stage.duration", "s", "How long a stage took.");

    internal static Counter<long> Samples { get; } = Meter.CreateCounter<long>("trt.lite.samples", "{sample}", "Samples that were run.");

    internal static Counter<long> Failures { get; } = Meter.CreateCounter<long>("trt.lite.sample.failures", "{sample}", "Samples that could not be used.");

    /// <summary>An activity of an engine; null when nobody listens.</summary>
    internal static Activity? Start(string name, string engine) => Activities.HasListeners() ? Activities.StartActivity(name)?.SetTag("trt.engine", engine) : null;
}
