namespace Trt.Utils;

/// <summary>Keeps one or more streams busy from one thread, until there were queries enough and for long enough.</summary>
internal sealed class BenchmarkLoop(IReadOnlyList<BenchmarkStream> streams, BenchmarkClock clock, BenchmarkOptions options, CancellationToken cancellation)
{
    private volatile bool stopped;

    /// <summary>The queries that were enqueued after the warm-up.</summary>
    public List<QueryTimes> Trace { get; } = new(1 << 14);

    public int WarmUpQueries { get; private set; }

    public double WarmUpTime { get; private set; }

    /// <summary>Ends it soon: another thread has failed.</summary>
    public void Stop() => stopped = true;

    public void Run()
    {
        double warmUp = options.WarmUp.TotalMilliseconds;
        double duration = options.Duration?.TotalMilliseconds ?? double.PositiveInfinity;
        for (int ahead = 1; ahead < streams[0].Depth; ahead++)
        {
            Query();
        }

        long rounds = 0;
        while (!stopped)
        {
            Query();
            bool measured = Wait(warmUp);
            double elapsed = clock.Now - warmUp;
            rounds += measured ? 1 : 0;
            if (rounds >= options.Iterations && elapsed >= duration)
            {
                break;
            }

            if (cancellation.IsCancellationRequested)
            {
                if (options.Duration is null && Trace.Count > 0)
                {
                    break;
                }

                cancellation.ThrowIfCancellationRequested();
            }

            if (options.IdleTime > TimeSpan.Zero)
            {
                Thread.Sleep(options.IdleTime);
            }
        }

        while (streams[0].Pending > 0)
        {
            Wait(warmUp);
        }
    }

    private void Query()
    {
        foreach (BenchmarkStream stream in streams)
        {
            stream.Query();
        }
    }

    /// <summary>Waits for the oldest query of each stream.</summary>
    /// <returns>Whether they were measured ones.</returns>
    private bool Wait(double warmUp)
    {
        bool all = true;
        foreach (BenchmarkStream stream in streams)
        {
            QueryTimes query = stream.Wait();
            if (query.EnqueueStart >= warmUp)
            {
                Trace.Add(query);
            }
            else
            {
                all = false;
                WarmUpQueries++;
                WarmUpTime = query.OutputEnd;
            }
        }

        return all;
    }
}
