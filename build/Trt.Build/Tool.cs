using System.ComponentModel;
using System.Diagnostics;

namespace Trt.Build;

/// <summary>Starts other programs.</summary>
internal static class Tool
{
    /// <summary>Runs a program with this console's input and output, in the folder given.</summary>
    /// <returns>Its exit code.</returns>
    public static int Run(string folder, string program, params IEnumerable<string> arguments)
    {
        using Process process = Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder });
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Runs a program and fails with <paramref name="purpose"/> when it does not end with 0.</summary>
    public static void Require(string purpose, string folder, string program, params IEnumerable<string> arguments)
    {
        int code = Run(folder, program, arguments);
        if (code != 0)
        {
            throw new BuildException($"{purpose} failed: {program} ended with {code}. Its own output is above.");
        }
    }

    /// <summary>Runs a program and keeps what it writes.</summary>
    public static (int Code, string Output) Capture(string folder, string program, params IEnumerable<string> arguments)
    {
        ProcessStartInfo info = new(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Start(info);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    /// <summary>The full path of a program on PATH, or null.</summary>
    public static string? Find(string name)
    {
        string[] endings = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat"] : [""];
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => endings.Select(ending => Path.Combine(folder, name + ending)))
            .FirstOrDefault(File.Exists);
    }

    private static Process Start(ProcessStartInfo info)
    {
        info.UseShellExecute = false;
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception e)
        {
            throw new BuildException($"{info.FileName} could not be started: {e.Message}.");
        }
    }
}
