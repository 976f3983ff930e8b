using System.Runtime.CompilerServices;

namespace Trt.Interop.Core;

/// <summary>What the current thread's native calls have logged, and what callbacks inside of them have thrown.</summary>
internal sealed class CallState
{
    [ThreadStatic]
    private static CallState? current;

    private static Exception? elsewhere;

    private readonly List<LogLine> lines = [];
    private readonly List<NativeObject> scoped = [];
    private readonly List<Stub> lent = [];

    /// <summary>The state of this thread.</summary>
    public static CallState Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => current ?? First();
    }

    /// <summary>How many native calls this thread is inside of.</summary>
    public int Depth { get; set; }

    /// <summary>What the innermost call's callbacks have thrown and nobody has been told yet.</summary>
    public Exception? Pending { get; set; }

    /// <summary>Above 0 while loggers are not to hear of this thread's calls.</summary>
    public int SilenceDepth { get; set; }

    /// <summary>Number of lines kept.</summary>
    public int LineCount { get; private set; }

    /// <summary>True when a callback threw on a thread that has no outer call to tell.</summary>
    public static bool HasExceptionElsewhere => Volatile.Read(ref elsewhere) is not null;

    /// <summary>Keeps an exception that must not cross native frames until the outer call returns.</summary>
    public static void Keep(Exception exception)
    {
        CallState state = Current;
        if (state.Depth > 0)
        {
            state.Pending ??= exception;
        }
        else
        {
            // A worker thread of the library: whichever call returns next learns of it.
            Interlocked.CompareExchange(ref elsewhere, exception, null);
        }
    }

    /// <summary>Notes a line of the library's log while a call is open.</summary>
    public static void Note(Severity severity, string text)
    {
        CallState state = Current;
        if (state.Depth > 0)
        {
            state.lines.Add(new LogLine(severity, text));
            state.LineCount++;
        }
    }

    public static Exception? TakeExceptionElsewhere() => Interlocked.Exchange(ref elsewhere, null);

    /// <summary>Number of callback arguments that end with a callback this thread is inside of.</summary>
    public int ScopedCount => scoped.Count;

    /// <summary>Notes an argument that may not be used after the callback.</summary>
    public void AddScoped(NativeObject argument) => scoped.Add(argument);

    /// <summary>Ends the arguments of the callback that is returning.</summary>
    public void EndScoped(int from)
    {
        for (int i = scoped.Count - 1; i >= from; i--)
        {
            scoped[i].End();
        }

        scoped.RemoveRange(from, scoped.Count - from);
    }

    /// <summary>Number of stubs that are held for calls this thread is inside of.</summary>
    public int LentCount => lent.Count;

    /// <summary>Holds a stub until the call that passes or gets it is over.</summary>
    public void Lend(Stub stub) => lent.Add(stub);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static CallState First() => current = new CallState();

    /// <summary>Lets go of the stubs of the call that is over.</summary>
    public void TakeBack(int from)
    {
        for (int i = lent.Count - 1; i >= from; i--)
        {
            lent[i].Release();
            lent.RemoveAt(i);
        }
    }

    public void ForgetLines(int from)
    {
        lines.RemoveRange(from, lines.Count - from);
        LineCount = from;
    }

    public IReadOnlyList<LogLine> LinesFrom(int from) => lines.GetRange(from, lines.Count - from);
}
