using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Trt.Lite;

/// <summary>Does something for each of a few samples, on several threads where that is wanted and pays. Used by one thread at a time.</summary>
/// <param name="parallelism">The most threads, the calling one counted.</param>
internal sealed class ParallelSamples(int parallelism)
{
    /// <summary>Waking another thread takes some ten microseconds; work that is not several times as long is done sooner by the calling thread.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMicroseconds(100);

    private bool isLong = true;

    /// <summary>Calls for each index. Everything is done, or given up after an exception, when it returns.</summary>
    public void ForEach<TState>(int from, int to, TState state, Action<TState, int> action)
    {
        if (parallelism == 1 || to - from < 2)
        {
            for (int i = from; i < to; i++)
            {
                action(state, i);
            }

            return;
        }

        long start = Stopwatch.GetTimestamp();
        if (!isLong)
        {
            from = DoShort(from, to, start, state, action);
            isLong = to - from > 1;
            start = Stopwatch.GetTimestamp();
        }

        if (from < to)
        {
            DoLong(from, to, state, action);
            isLong = Stopwatch.GetElapsedTime(start) * parallelism > Least;
        }
    }

    /// <summary>Works alone until that turns out to be too slow.</summary>
    /// <returns>The first index that is not done.</returns>
    private static int DoShort<TState>(int from, int to, long start, TState state, Action<TState, int> action)
    {
        while (from < to)
        {
            action(state, from++);
            if (Stopwatch.GetElapsedTime(start) > Least)
            {
                break;
            }
        }

        return from;
    }

    private void DoLong<TState>(int from, int to, TState state, Action<TState, int> action)
    {
        try
        {
            Parallel.For(from, to, new ParallelOptions { MaxDegreeOfParallelism = parallelism }, i => action(state, i));
        }
        catch (AggregateException errors)
        {
            ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }
    }
}
