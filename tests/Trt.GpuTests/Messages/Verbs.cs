using System.Diagnostics;
using System.Reflection;

namespace Trt.GpuTests;

/// <summary>What the program does when a part starts it again for something small in a process of its own.</summary>
internal static class Verbs
{
    public const string Option = "--verb";

    public static int Run(string[] verb)
    {
        switch (verb)
        {
            case ["say-driver", .. var libraries]:
                return DriverWords.Say(libraries);
            case ["alone", var name, var folder]:
                return AloneCases.Child(name, folder);
            case ["coldstart", var library, var plan, var input]:
                return ColdStart.Run(library, plan, input);
            default:
                Console.Error.WriteLine($"There is no verb \"{string.Join(' ', verb)}\".");
                return 2;
        }
    }

    /// <summary>How the program is started again.</summary>
    /// <param name="verb">What it is to do.</param>
    public static ProcessStartInfo Start(params IEnumerable<string> verb)
    {
        string program = Environment.ProcessPath!;
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        start.ArgumentList.Add(Option);
        foreach (string argument in verb)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    /// <summary>Starts it, waits, and gives what it printed and how it ended.</summary>
    public static (string Output, string? End) Wait(ProcessStartInfo start, TimeSpan limit)
    {
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return (output.Result + error.Result, FormattableString.Invariant($"it was ended after {limit.TotalSeconds:F0} s"));
        }

        return (output.Result + error.Result, process.ExitCode == 0 ? null : process.ExitCode > 128 ? $"it was ended by signal {process.ExitCode - 128}" : $"it ended with code {process.ExitCode}");
    }
}
