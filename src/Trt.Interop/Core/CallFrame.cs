using System.Runtime.CompilerServices;

namespace Trt.Interop.Core;

/// <summary>One native call: opened before it, closed after it, where failures and kept exceptions surface.</summary>
internal readonly ref struct CallFrame
{
    private readonly CallState state;
    private readonly Exception? outer;
    private readonly int firstLine;

    private CallFrame(CallState state)
    {
        this.state = state;
        outer = state.Pending;
        firstLine = state.LineCount;
        state.Pending = null;
        state.Depth++;
    }

    /// <summary>Opens a call. Nothing managed may throw between this and Leave.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CallFrame Enter() => new(CallState.Current);

    /// <summary>Closes the call; throws when it failed or when a callback inside of it threw.</summary>
    /// <param name="library">Whose call it was.</param>
    /// <param name="member">The member's id, for the message.</param>
    /// <param name="failed">Whether the result means failure.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Leave(TensorRtLibrary library, int member, bool failed = false)
    {
        if (failed || state.Pending is not null || CallState.HasExceptionElsewhere)
        {
            Fail(library, member, failed);
        }

        Close();
    }

    /// <summary>Closes a call that made an object, which goes with the exception.</summary>
    public void Leave(TensorRtLibrary library, int member, object? made, bool failed = false)
    {
        try
        {
            Leave(library, member, failed);
        }
        catch
        {
            (made as IDisposable)?.Dispose();
            throw;
        }
    }

    private void Close()
    {
        state.Depth--;
        state.Pending = outer;
        if (state.Depth == 0 && state.LineCount > 0)
        {
            state.ForgetLines(0);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Fail(TensorRtLibrary library, int member, bool failed)
    {
        Exception? inner = state.Pending ?? CallState.TakeExceptionElsewhere();
        IReadOnlyList<LogLine> lines = state.LinesFrom(firstLine);
        Close();
        if (failed || inner is not null)
        {
            throw TensorRtException.ForCall(library, member, lines, inner);
        }
    }
}
