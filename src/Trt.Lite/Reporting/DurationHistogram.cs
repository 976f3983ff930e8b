using System.Numerics;

namespace Trt.Lite;

/// <summary>Durations in buckets that are 1/16 of a power of two wide, so that a percentile is wrong by at most 3 %. Threads may add at once; adding allocates nothing.</summary>
internal sealed class DurationHistogram
{
    private const int Parts = 16;
    private readonly long[] buckets = new long[(64 - 4) * Parts];
    private long count;
    private long sum;
    private long greatest;

    public long Count => Volatile.Read(ref count);

    /// <summary>Adds a duration.</summary>
    /// <param name="nanoseconds">0 or more.</param>
    public void Add(long nanoseconds)
    {
        Interlocked.Increment(ref buckets[BucketOf(nanoseconds)]);
        Interlocked.Increment(ref count);
        Interlocked.Add(ref sum, nanoseconds);
        long before = Volatile.Read(ref greatest);
        while (nanoseconds > before && Interlocked.CompareExchange(ref greatest, nanoseconds, before) is var seen && seen != before)
        {
            before = seen;
        }
    }

    /// <summary>Forgets everything. Durations that are added meanwhile may count or not.</summary>
    public void Clear()
    {
        Array.Clear(buckets);
        Volatile.Write(ref count, 0);
        Volatile.Write(ref sum, 0);
        Volatile.Write(ref greatest, 0);
    }

    public StageReport Report(Stage stage)
    {
        long[] now = (long[])buckets.Clone();
        long all = now.Sum();
        return new StageReport(stage, all, Time(all == 0 ? 0 : (double)Volatile.Read(ref sum) / Math.Max(Count, 1)), Time(Percentile(now, all, 0.5)), Time(Percentile(now, all, 0.99)), Time(Volatile.Read(ref greatest)));
    }

    private static TimeSpan Time(double nanoseconds) => TimeSpan.FromTicks((long)Math.Round(nanoseconds / TimeSpan.NanosecondsPerTick));

    /// <summary>The first 16 nanoseconds have a bucket each; from there on every power of two has 16.</summary>
    private static int BucketOf(long value)
    {
        value = Math.Max(value, 0);
        int exponent = BitOperations.Log2((ulong)value | 1);
        return exponent < 4 ? (int)value : ((exponent - 3) * Parts) + (int)((value >> (exponent - 4)) & (Parts - 1));
    }

    private static double LowerEnd(int bucket) => bucket < Parts ? bucket : (double)(Parts + (bucket % Parts)) * (1L << ((bucket / Parts) - 1));

    private double Percentile(long[] counts, long all, double share)
    {
        double wanted = all * share;
        double passed = 0;
        for (int i = 0; i < counts.Length && all > 0; i++)
        {
            if (counts[i] > 0 && passed + counts[i] >= wanted)
            {
                double low = LowerEnd(i);
                double high = Math.Min(LowerEnd(i + 1), Volatile.Read(ref greatest));
                return low + (Math.Max(high - low, 0) * ((wanted - passed) / counts[i]));
            }

            passed += counts[i];
        }

        return 0;
    }
}
