using Trt.Interop.Core;

namespace Trt.Interop;

/// <summary>
/// Until it is disposed, lines that libraries log during calls of this thread do not reach loggers: for questions whose failure is an answer, which libraries log as errors all the same. Exceptions
/// hold the lines as ever, and error recorders hear of them.
/// </summary>
/// <example><c>using (LogSilence.Begin()) { alias = engine.GetAliasedInputTensor(name); }</c></example>
public readonly ref struct LogSilence
{
    private readonly CallState? state;

    private LogSilence(CallState state)
    {
        this.state = state;
        state.SilenceDepth++;
    }

    /// <summary>Begins it for the calling thread; may be nested.</summary>
    public static LogSilence Begin() => new(CallState.Current);

    /// <summary>Ends it, on the same thread.</summary>
    public void Dispose()
    {
        if (state is not null)
        {
            state.SilenceDepth--;
        }
    }
}
