using System.Diagnostics;
using Xunit;

namespace Trt.Cli.Tests;

public class CompletionTests
{
    [SkippableFact]
    public void Bash_completes_commands_options_and_values()
    {
        Skip.IfNot(File.Exists("/bin/bash"), "there is no bash");
        Assert.Equal(["inspect"], Complete("trt insp"));
        Assert.Contains("simplify", Complete("trt onnx "));
        Assert.Equal(["--show"], Complete("trt inspect x.onnx --sh"));
        Assert.Equal(["attributes", "layers", "weights"], Complete("trt inspect x.onnx --show "));
    }

    [Fact]
    public void Every_shell_gets_a_script_and_others_are_refused()
    {
        Assert.All(new[] { "bash", "zsh", "fish", "pwsh" }, shell => Assert.Contains("[suggest:", Ran.Trt("completion", shell).Output, StringComparison.Ordinal));
        Assert.Equal(ExitCode.Usage, Ran.Trt("completion", "tcsh").ExitCode);
    }

    /// <summary>Runs the script in bash, as the shell itself does on a tabulator.</summary>
    private static string[] Complete(string line)
    {
        string tool = Path.Combine(AppContext.BaseDirectory, "trt.dll");
        ProcessStartInfo start = new("/bin/bash") { RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"trt() {{ dotnet '{tool}' \"$@\"; }}\n{Ran.Trt("completion", "bash").Output}\nCOMP_LINE='{line}'; COMP_POINT={line.Length}; _trt; printf '%s\\n' \"${{COMPREPLY[@]}}\"");
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
