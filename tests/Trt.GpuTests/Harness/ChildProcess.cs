using System.Diagnostics;
using System.Reflection;

namespace Trt.GpuTests;

/// <summary>Starts the program again for one task and waits for its end.</summary>
/// <param name="searchPath">What the child's loader searches; null to leave it as it is.</param>
internal sealed class ChildProcess(string? searchPath)
{
    /// <summary>Runs a task in its folder; what it prints goes where this process prints.</summary>
    /// <returns>Null when it ended well, or how it ended, in words.</returns>
    public string? Run(ChildTask task, string folder, TimeSpan limit, bool quiet = false)
    {
        Directory.CreateDirectory(folder);
        task.Write(folder);
        string program = Environment.ProcessPath!;
        ProcessStartInfo start = new(program) { RedirectStandardOutput = quiet, RedirectStandardError = quiet };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        start.ArgumentList.Add("--child");
        start.ArgumentList.Add(folder);
        if (searchPath is not null)
        {
            start.Environment["LD_LIBRARY_PATH"] = searchPath;
        }

        using Process process = Process.Start(start)!;
        Task drained = quiet ? Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync()) : Task.CompletedTask;
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return FormattableString.Invariant($"the process was ended after its time limit of {limit.TotalSeconds:F0} s");
        }

        drained.Wait(TimeSpan.FromSeconds(5));
        return process.ExitCode switch
        {
            0 => null,
            > 128 and < 160 => $"the process was ended by {Signal(process.ExitCode - 128)}",
            _ => $"the process ended with code {process.ExitCode}",
        };
    }

    private static string Signal(int number) => number switch
    {
        2 => "SIGINT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        _ => $"signal {number}",
    };
}
