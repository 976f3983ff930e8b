namespace Trt.Lite;

/// <summary>Does something for each of a few samples, on several threads where that is wanted.</summary>
/// <param name="parallelism">The most threads, the calling one counted.</param>
internal sealed class ParallelSamples(int parallelism)
{
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

        try
        {
            Parallel.For(from, to, new ParallelOptions { MaxDegreeOfParallelism = parallelism }, i => action(state, i));
        }
        catch (AggregateException errors)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }
    }
}
