using System.Diagnostics;

namespace Trt.Interop.Cuda;

/// <summary>Something native that belongs to a device. Dispose it; its finaliser frees nothing and reports a leak (<see cref="Leaks"/>).</summary>
public abstract class DeviceResource : IDisposable
{
    private bool owns;
    private StackTrace? site;
    private int disposed;

    private protected DeviceResource(Device device) => Device = device;

    /// <summary>Reports an object that was never disposed.</summary>
    ~DeviceResource()
    {
        // False after a constructor that threw.
        if (owns)
        {
            LeakReporter.Report(ToString()!, site);
        }
    }

    /// <summary>The device that it belongs to.</summary>
    public Device Device { get; }

    /// <summary>Whether it can no longer be used.</summary>
    public virtual bool IsDisposed => Volatile.Read(ref disposed) != 0;

    /// <summary>Gives it up. A second call does nothing.</summary>
    public void Dispose()
    {
        if (!IsDisposable || Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        GC.SuppressFinalize(this);
        if (owns)
        {
            Release();
        }
    }

    private protected virtual bool IsDisposable => true;

    /// <summary>Says that there is something to free from now on; the last step of a constructor.</summary>
    private protected void Own()
    {
        site = LeakReporter.CaptureSite(1);
        owns = true;
    }

    /// <summary>Says that somebody else frees what is native.</summary>
    private protected void Borrow() => GC.SuppressFinalize(this);

    /// <summary>Frees what is native; called once, and only for an owner.</summary>
    private protected abstract void Release();

    private protected void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(IsDisposed, this);

    /// <summary>An object of a GPU and one of the host stand-in never work together; another device of the same API is told in debug builds.</summary>
    internal static void CheckTogether(Device first, Device second, string what)
    {
        if (first.Api != second.Api)
        {
            throw new ArgumentException($"{what}: one is of {first}, the other of {second}, which work together in no way. Make both with the same device.");
        }

        CheckSame(first, second, what);
    }

    [Conditional("DEBUG")]
    private static void CheckSame(Device first, Device second, string what)
    {
        if (first != second)
        {
            throw new ArgumentException($"{what}: one is of {first}, the other of {second}. Make both with the same device.");
        }
    }
}
