using System.Diagnostics;

namespace Trt.GpuTests;

/// <summary>Runs a script of the folder python with the machine's python3.</summary>
internal static class PythonScript
{
    /// <exception cref="MissingException">There is no python3, or it lacks a package; the message holds its last words.</exception>
    public static void Run(string name, int seconds, params string[] arguments)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "python", name);
        ProcessStartInfo start = new("python3", [script, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new MissingException("there is no python3 on this machine");
        }

        using (process)
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(), output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(seconds * 1000))
            {
                process.Kill(entireProcessTree: true);
                throw new InvalidOperationException($"{name} took more than {seconds} s.");
            }

            string words = errors.Result.Trim();
            _ = output.Result;
            if (process.ExitCode != 0)
            {
                string last = words.Split('\n')[^1];
                throw words.Contains("ModuleNotFoundError", StringComparison.Ordinal) ? new MissingException($"python3 cannot run {name}: {last}")
                    : new InvalidOperationException($"{name} failed ({process.ExitCode}): {words[Math.Max(0, words.Length - 1500)..]}");
            }
        }
    }
}
