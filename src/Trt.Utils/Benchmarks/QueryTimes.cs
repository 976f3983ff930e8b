namespace Trt.Utils;

/// <summary>When one query did what: milliseconds since the benchmark began. Without copies their times are those of the computation's start and end, and their durations 0.</summary>
/// <param name="Stream">Which stream it ran in, from 0.</param>
/// <param name="EnqueueStart">When the host began to enqueue the computation.</param>
/// <param name="EnqueueEnd">When the host had enqueued it.</param>
/// <param name="InputStart">When the device began to copy inputs.</param>
/// <param name="InputTime">How long that took.</param>
/// <param name="ComputeStart">When the device began to compute.</param>
/// <param name="ComputeTime">How long that took.</param>
/// <param name="OutputStart">When the device began to copy outputs.</param>
/// <param name="OutputTime">How long that took.</param>
public readonly record struct QueryTimes(
    int Stream, double EnqueueStart, double EnqueueEnd, double InputStart, double InputTime, double ComputeStart, double ComputeTime, double OutputStart, double OutputTime)
{
    /// <summary>How long the host took to enqueue the computation.</summary>
    public double EnqueueTime => EnqueueEnd - EnqueueStart;

    /// <summary>When inputs were on the device.</summary>
    public double InputEnd => InputStart + InputTime;

    /// <summary>When the computation was done.</summary>
    public double ComputeEnd => ComputeStart + ComputeTime;

    /// <summary>When outputs were on the host.</summary>
    public double OutputEnd => OutputStart + OutputTime;

    /// <summary>What the query itself took: copy in, computation and copy out, without the waiting between them.</summary>
    public double Latency => InputTime + ComputeTime + OutputTime;
}
