using System.Diagnostics;

namespace Trt.Interop;

/// <summary>What the finalisers of this assembly call.</summary>
internal static class LeakReporter
{
    /// <summary>The stack of the caller when sites are wanted, else null. <paramref name="skip"/> frames above the caller are left out.</summary>
    internal static StackTrace? CaptureSite(int skip = 0) => Leaks.CaptureSites ? new StackTrace(skip + 1, fNeedFileInfo: true) : null;

    /// <summary>Reports a leak; never throws, because it runs on the finaliser thread.</summary>
    internal static void Report(string subject, StackTrace? site)
    {
        try
        {
            Leaks.Raise(new LeakReport(subject, site?.ToString()));
        }
        catch (Exception)
        {
            // Nothing can be told any more.
        }
    }
}
