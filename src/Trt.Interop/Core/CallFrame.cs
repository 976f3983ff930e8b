using System.Runtime.CompilerServices;

namespace Trt.Interop.Core;

/// <summary>One native call: opened before it, closed after it, where failures and kept exceptions surface.</summary>
internal readonly ref struct CallFrame
{
    private readonly CallState state;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private CallFrame(CallState state) => this.state = state;

    /// <summary>Opens a call of a function. Nothing managed may throw between this and Leave.</summary>
    public static CallFrame Enter() => new(CallState.Begin(null));

    /// <summary>Opens a call of an object's member, on the object's device. Nothing managed may throw between this and Leave.</summary>
    /// <exception cref="Cuda.CudaException">The object's device cannot be made current.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CallFrame Enter(NativeObject target) => new(CallState.Begin(target.Binding));

    /// <summary>Whether the library has logged an error in the call so far: how functions without a result refuse.</summary>
    public bool HasErrors => state.HasErrors;

    /// <summary>Closes the call; throws when it failed or when a callback inside of it threw.</summary>
    /// <param name="library">Whose call it was.</param>
    /// <param name="member">The member's id, for the message.</param>
    /// <param name="failed">Whether the result means failure.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Leave(TensorRtLibrary library, int member, bool failed = false)
    {
        if (failed || state.Remarks != 0 || CallState.HasExceptionElsewhere)
        {
            state.Leave(library, member, failed);
        }
        else
        {
            state.Depth = 0;
        }
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
}
