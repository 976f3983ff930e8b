namespace Trt.Interop;

/// <summary>Tells about native objects that were never disposed. Finalisers free nothing here; they report and leave the object.</summary>
/// <remarks>All members are safe to use from any thread.</remarks>
public static class Leaks
{
    private static long count;
    private static volatile bool captureSites =
#if DEBUG
        true;
#else
        false;
#endif

    /// <summary>Raised on the finaliser thread for each object that was collected without <c>Dispose</c>. Exceptions of a handler are ignored.</summary>
    public static event Action<LeakReport>? Reported;

    /// <summary>How many leaks this process has reported so far.</summary>
    public static long Count => Interlocked.Read(ref count);

    /// <summary>Whether the call stack of each allocation is remembered, so that a report can name it. On in debug builds, off in release builds; costs some microseconds for each object.</summary>
    public static bool CaptureSites
    {
        get => captureSites;
        set => captureSites = value;
    }

    internal static void Raise(LeakReport report)
    {
        Interlocked.Increment(ref count);
        Action<LeakReport>? handlers = Reported;
        if (handlers is null)
        {
            System.Diagnostics.Trace.TraceWarning(report.ToString());
            return;
        }

        foreach (Delegate handler in handlers.GetInvocationList())
        {
            try
            {
                ((Action<LeakReport>)handler)(report);
            }
            catch (Exception)
            {
                // An exception that leaves the finaliser thread would end the process.
            }
        }
    }
}
