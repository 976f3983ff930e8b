namespace Trt.Cpu.Tests;

/// <summary>A thread that collects all the time while at least one test wants it: what native code still needs must be held by somebody.</summary>
internal static class Collector
{
    private static readonly Lock Gate = new();
    private static readonly AutoResetEvent Never = new(false);
    private static int wanted;
    private static Thread? thread;

    public static void Begin()
    {
        lock (Gate)
        {
            if (++wanted == 1 && thread is null)
            {
                thread = new Thread(Collect) { IsBackground = true };
                thread.Start();
            }
        }
    }

    public static void End()
    {
        lock (Gate)
        {
            wanted--;
        }
    }

    private static void Collect()
    {
        while (IsWanted())
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();

            // The tests must get on too: each collection stops them all.
            Never.WaitOne(TimeSpan.FromMilliseconds(2));
        }
    }

    private static bool IsWanted()
    {
        lock (Gate)
        {
            if (wanted > 0)
            {
                return true;
            }

            thread = null;
            return false;
        }
    }
}
