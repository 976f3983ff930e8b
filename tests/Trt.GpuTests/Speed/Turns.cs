using System.Diagnostics;

namespace Trt.GpuTests;

/// <summary>The same calls in C++ and in C#, block by block in turns.</summary>
/// <param name="Native">Nanoseconds of a call in C++, the median of the blocks.</param>
/// <param name="Managed">The same in C#.</param>
/// <param name="Allocated">Bytes that the C# blocks allocated, all together.</param>
internal sealed record Turns(double Native, double Managed, long Allocated)
{
    /// <summary>How many times as long C# takes.</summary>
    public double Ratio => Managed / Native;

    /// <summary>Measures.</summary>
    /// <param name="native">Makes so many calls and gives their nanoseconds, or −1.</param>
    /// <param name="managed">Makes so many calls.</param>
    /// <param name="calls">Calls of a block.</param>
    /// <param name="after">What comes after a block, outside of what is measured.</param>
    /// <param name="blocks">Blocks of each side; each is first in half of them.</param>
    /// <param name="warm">Milliseconds before, in which the code is compiled and the GPU speeds up.</param>
    /// <exception cref="InvalidOperationException">A native call failed.</exception>
    public static Turns Measure(Func<long, long> native, Action<long> managed, long calls, Action? after = null, int blocks = 41, int warm = 60)
    {
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalMilliseconds < warm;)
        {
            OfNative(native, calls);
            after?.Invoke();
            managed(calls);
            after?.Invoke();
        }

        double[] natives = new double[blocks], manageds = new double[blocks];
        long allocated = 0;
        for (int i = 0; i < blocks * 2; i++)
        {
            // C++ C#, C# C++, C++ C#, …
            if (i % 4 is 0 or 3)
            {
                natives[i / 2] = OfNative(native, calls) / (double)calls;
            }
            else
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                long begin = Stopwatch.GetTimestamp();
                managed(calls);
                manageds[i / 2] = (Stopwatch.GetTimestamp() - begin) * (1e9 / Stopwatch.Frequency) / calls; // a TimeSpan counts in 100 ns
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            }

            after?.Invoke();
        }

        Array.Sort(natives);
        Array.Sort(manageds);
        return new Turns(natives[blocks / 2], manageds[blocks / 2], allocated);
    }

    private static long OfNative(Func<long, long> native, long calls)
    {
        long time = native(calls);
        return time >= 0 ? time : throw new InvalidOperationException("A call in C++ failed.");
    }
}
