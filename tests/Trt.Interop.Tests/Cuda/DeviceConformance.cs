using System.Diagnostics;
using Trt.Interop.Cuda;

namespace Trt.Interop.Tests.Cuda;

/// <summary>
/// What every <see cref="IDeviceApi"/> must do. The tests run it over the host stand-in and, where there is a driver, over the GPU; a plain
/// program can do the same with <see cref="Run"/>. Nothing here needs a test framework.
/// </summary>
public static class DeviceConformance
{
    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        .. MemoryConformance.Cases,
        .. PoolConformance.Cases,
        .. StreamConformance.Cases,
        .. FailureConformance.Cases,
        .. GraphConformance.Cases,
        .. LifetimeConformance.Cases,
        .. MachineConformance.Cases,
    ];

    /// <summary>Runs all cases over one API and prints a line for each.</summary>
    /// <returns>How many failed.</returns>
    public static int Run(IDeviceApi api, TextWriter output)
    {
        int passed = 0, failed = 0, skipped = 0;
        foreach (ConformanceCase item in All)
        {
            if (item.WhyNot(api) is { } reason)
            {
                skipped++;
                output.WriteLine($"skip {api.Name} {item.Name}: {reason}");
                continue;
            }

            Stopwatch watch = Stopwatch.StartNew();
            try
            {
                item.Body(Device.Of(api)[0]);
                passed++;
                output.WriteLine($"ok   {api.Name} {item.Name} ({watch.Elapsed.TotalMilliseconds:F1} ms)");
            }
            catch (Exception error)
            {
                failed++;
                output.WriteLine($"FAIL {api.Name} {item.Name}: {error}");
            }
        }

        output.WriteLine($"{api.Name}: {passed} passed, {failed} failed, {skipped} skipped");
        return failed;
    }
}
