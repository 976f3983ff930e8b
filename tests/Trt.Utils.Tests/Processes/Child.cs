using System.Diagnostics;

namespace Trt.Utils.Tests.Processes;

/// <summary>This assembly as another process, which runs a verb of <see cref="ChildProgram"/>; killed with its children when disposed.</summary>
internal sealed class Child : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly Task<string> errors;

    private Child(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        process = Process.Start(start)!;
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it wrote to its error stream; waits for its end.</summary>
    public string Errors => errors.GetAwaiter().GetResult();

    /// <summary>Starts a verb.</summary>
    public static Child Start(string verb, params ReadOnlySpan<string> arguments) =>
        new(new ProcessStartInfo(Dotnet, [typeof(Child).Assembly.Location, verb, .. arguments]));

    /// <summary>Starts a verb from a shell, after commands that limit or change what it sees.</summary>
    /// <param name="before">Shell commands, such as <c>ulimit -f 100</c>; the verb runs when they succeed.</param>
    /// <param name="launcher">Words in front of the shell, such as <c>unshare -m</c>.</param>
    public static Child StartAfter(string before, ReadOnlySpan<string> launcher, string verb, params ReadOnlySpan<string> arguments)
    {
        string[] words = [.. launcher, "sh", "-c", before + " && exec \"$0\" \"$@\"", Dotnet, typeof(Child).Assembly.Location, verb, .. arguments];
        return new Child(new ProcessStartInfo(words[0], words[1..]));
    }

    /// <summary>The next line that it prints; null when it has ended.</summary>
    public string? ReadLine()
    {
        Task<string?> line = process.StandardOutput.ReadLineAsync();
        return line.Wait(Patience) ? line.Result : throw new TimeoutException($"The child printed nothing for {Patience.TotalSeconds} s.");
    }

    /// <summary>Gives it a line, which ends <see cref="ChildProgram.WaitForParent"/>.</summary>
    public void Continue()
    {
        process.StandardInput.WriteLine();
        process.StandardInput.Flush();
    }

    /// <summary>Ends it at once, as the system does when memory runs out or somebody kills it.</summary>
    public void Kill()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    /// <summary>Waits for its end and gives the rest of what it printed.</summary>
    public (int ExitCode, string Output) Finish()
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!output.Wait(Patience) || !process.WaitForExit(Patience))
        {
            throw new TimeoutException($"The child did not end within {Patience.TotalSeconds} s.");
        }

        return (process.ExitCode, output.Result);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            Kill();
        }

        process.Dispose();
    }

    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
}
