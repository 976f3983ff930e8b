using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Trt.Interop.Core;

/// <summary>What the current thread's native calls have logged, and what callbacks inside of them have thrown.</summary>
internal sealed class CallState
{
    [ThreadStatic]
    private static CallState? current;

    private static Exception? elsewhere;

    private readonly List<LogLine> lines = [];
    private readonly Stack<(Exception? Pending, int FirstLine, DeviceBinding? Binding)> around = new(); // of each call inside of another one, and of those that changed the device
    private Exception? pending; // what the innermost call's callbacks have thrown and nobody has been told yet
    private int firstLine; // of the innermost call
    private Vector256<long> wide;
    private readonly List<NativeObject> scoped = [];
    private readonly List<Stub> lent = [];

    /// <summary>The state of this thread.</summary>
    public static CallState Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => current ?? First();
    }

    /// <summary>Never set; <see cref="Begin"/> needs an instruction that the compiler cannot know to be left out.</summary>
    public bool UsesWide { get; set; }

    /// <summary>How many native calls this thread is inside of.</summary>
    public int Depth { get; set; }

    /// <summary>How many things the end of a call has to look at: lines, an exception, calls around it. 0 for nearly all of them.</summary>
    public int Remarks { get; private set; }

    /// <summary>Above 0 while loggers are not to hear of this thread's calls.</summary>
    public int SilenceDepth { get; set; }

    /// <summary>True when a callback threw on a thread that has no outer call to tell.</summary>
    public static bool HasExceptionElsewhere => Volatile.Read(ref elsewhere) is not null;

    /// <summary>Keeps an exception that must not cross native frames until the outer call returns.</summary>
    public static void Keep(Exception exception)
    {
        CallState state = Current;
        if (state.Depth > 0)
        {
            state.pending ??= exception;
            state.Count();
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
            state.Count();
        }
    }

    /// <summary>Whether the innermost call has logged an error so far.</summary>
    public bool HasErrors => lines.FindIndex(firstLine, line => line.Severity <= Severity.Error) >= 0;

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

    /// <summary>Opens a call of the calling thread.</summary>
    /// <remarks>
    /// It also clears the upper halves of the vector registers, as every method does that has an instruction for 32 bytes. Code of .NET before a native call may leave them as they are (a copy
    /// of a shape does), and then each SSE instruction of NVIDIA's libraries waits for them: on a Xeon, 170 ns more for a call of 130.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static CallState Begin(DeviceBinding? binding)
    {
        CallState state = current ?? First();
        if (state.Depth == 0 && binding is null)
        {
            state.Depth = 1;
        }
        else
        {
            state.Enter(binding);
        }

        if (state.UsesWide)
        {
            state.wide ^= Vector256<long>.AllBitsSet;
        }

        return state;
    }

    /// <summary>Opens a call inside of another one, or of an object that has a device.</summary>
    private void Enter(DeviceBinding? binding)
    {
        if (binding is not null && !binding.Enter())
        {
            binding = null;
        }

        if (Depth > 0 || binding is not null)
        {
            around.Push((pending, firstLine, binding));
            pending = null;
            firstLine = lines.Count;
        }

        Depth++;
        Count();
    }

    /// <summary>Closes a call of which there is something to say.</summary>
    public void Leave(TensorRtLibrary library, int member, bool failed)
    {
        Exception? inner = pending ?? TakeExceptionElsewhere();
        List<LogLine>? said = failed || inner is not null ? lines.GetRange(firstLine, lines.Count - firstLine) : null;
        pending = null;
        if (around.TryPop(out (Exception? Pending, int FirstLine, DeviceBinding? Binding) outer))
        {
            outer.Binding?.Leave();
            pending = outer.Pending;
            firstLine = outer.FirstLine;
        }

        if (--Depth == 0)
        {
            lines.Clear();
            firstLine = 0;
        }

        Count();
        if (said is not null)
        {
            throw TensorRtException.ForCall(library, member, said, inner);
        }
    }

    private void Count() => Remarks = lines.Count + around.Count + (pending is null ? 0 : 1);
}
