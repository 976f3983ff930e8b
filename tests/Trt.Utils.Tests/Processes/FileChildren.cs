using System.Diagnostics;
using System.Globalization;

namespace Trt.Utils.Tests.Processes;

/// <summary>Children that lock and write files.</summary>
internal static class FileChildren
{
    public static int HoldLock(string path)
    {
        using FileLock held = FileLock.Acquire(path);
        ChildProgram.Tell("held");
        ChildProgram.WaitForParent();
        return 0;
    }

    public static int TryLock(string path)
    {
        using FileLock? taken = FileLock.TryAcquire(path);
        ChildProgram.Tell(taken is null ? "busy" : "free");
        return 0;
    }

    public static int WaitLock(string path, string milliseconds)
    {
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        using CancellationTokenSource stop = new(int.Parse(milliseconds, CultureInfo.InvariantCulture));
        try
        {
            using FileLock taken = FileLock.Acquire(path, stop.Token);
            ChildProgram.Tell("taken");
        }
        catch (OperationCanceledException)
        {
            ChildProgram.Tell((Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        }

        return 0;
    }

    public static int WriteHalf(string path)
    {
        using AtomicFile file = AtomicFile.Create(path);
        file.Write(new byte[100_000]);
        file.Stream.Flush(flushToDisk: true);
        ChildProgram.Tell("half");
        ChildProgram.WaitForParent();
        file.Commit();
        return 0;
    }

    public static int Write(string path, string bytes)
    {
        try
        {
            AtomicFile.Write(path, new byte[int.Parse(bytes, CultureInfo.InvariantCulture)]);
            ChildProgram.Tell("written");
        }
        catch (IOException error)
        {
            ChildProgram.Tell(error.Message);
        }

        return 0;
    }
}
