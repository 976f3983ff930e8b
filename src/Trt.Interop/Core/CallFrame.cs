using System.Runtime.CompilerServices;

namespace Trt.Interop.Core;

/// <summary>One native call: opened before it, closed after it, where failures and kept exceptions surface.</summary>
internal readonly ref struct CallFrame
{
    private readonly CallState state;
    private readonly Exception? outer;
    private readonly DeviceBinding? switched;
    private readonly int firstLine;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private CallFrame(CallState state, DeviceBinding? switched)
    {
        this.state = state;
        this.switched = switched;
        outer = state.Pending;
        firstLine = state.LineCount;
        if (outer is not null)
        {
            state.Pending = null;
        }

        state.Depth++;
    }

    /// <summary>Opens a call of a function. Nothing managed may throw between this and Leave.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CallFrame Enter() => new(CallState.Current, null);

    /// <summary>Opens a call of an object's member, on the object's device. Nothing managed may throw between this and Leave.</summary>
    /// <exception cref="Cuda.CudaException">The object's device cannot be made current.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CallFrame Enter(NativeObject target)
    {
        DeviceBinding? binding = target.Binding;
        if (binding is not null && !binding.Enter())
        {
            binding = null;
        }

        return new CallFrame(CallState.Current, binding);
    }

    /// <summary>Closes the call; throws when it failed or when a callback inside of it threw.</summary>
    /// <param name="library">Whose call it was.</param>
    /// <param name="member">The member's id, for the message.</param>
    /// <param name="failed">Whether the result means failure.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Leave(TensorRtLibrary library, int member, bool failed = false)
    {
        if (failed || state.Pending is not null || CallState.HasExceptionElsewhere)
        {
            Fail(state, outer, switched, firstLine, library, member, failed);
        }

        Close(state, outer, switched);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Close(CallState state, Exception? outer, DeviceBinding? switched)
    {
        if (switched is not null)
        {
            switched.Leave();
        }

        if (outer is not null)
        {
            state.Pending = outer;
        }

        if (--state.Depth == 0 && state.LineCount > 0)
        {
            state.ForgetLines(0);
        }
    }

    // Static: a frame whose address is taken is kept in memory instead of registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fail(CallState state, Exception? outer, DeviceBinding? switched, int firstLine, TensorRtLibrary library, int member, bool failed)
    {
        Exception? inner = state.Pending ?? CallState.TakeExceptionElsewhere();
        IReadOnlyList<LogLine> lines = state.LinesFrom(firstLine);
        if (!failed && inner is null)
        {
            // Another thread has told the exception meanwhile.
            return;
        }

        state.Pending = null;
        Close(state, outer, switched);
        throw TensorRtException.ForCall(library, member, lines, inner);
    }
}
