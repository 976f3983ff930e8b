using System.Diagnostics;
using System.Runtime.CompilerServices;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>An object that C++ code would delete: disposed once, refuses work afterwards, and is reported when it is forgotten.</summary>
internal abstract class CpuObject : IDisposable
{
    private readonly StackTrace? site = LeakReporter.CaptureSite(1);
    private int disposed;

    ~CpuObject()
    {
        if (disposed == 0)
        {
            LeakReporter.Report(GetType().Name, site);
        }
    }

    public bool IsDisposed => Volatile.Read(ref disposed) != 0;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            GC.SuppressFinalize(this);
            Release();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ThrowIfDisposed()
    {
        if (IsDisposed)
        {
            Throw();
        }
    }

    /// <summary>Gives back what the object holds; called once.</summary>
    protected virtual void Release()
    {
    }

    private void Throw() => throw new ObjectDisposedException(GetType().Name);
}
