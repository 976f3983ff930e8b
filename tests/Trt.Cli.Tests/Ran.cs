using System.Text.Json;
using Xunit;

namespace Trt.Cli.Tests;

/// <summary>What a run of the tool left: its exit code and texts.</summary>
internal sealed record Ran(int ExitCode, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Runs the tool in this process.</summary>
    public static Ran Trt(params IReadOnlyList<string> arguments)
    {
        StringWriter output = new();
        StringWriter error = new();
        int code = CommandLine.Run(arguments, output, error);
        return new Ran(code, output.ToString(), error.ToString());
    }

    /// <summary>Makes sure that it was refused in one line that says something, without a stack trace.</summary>
    public string Refusal(int code = Cli.ExitCode.Failure)
    {
        Assert.Equal(code, ExitCode);
        Assert.Empty(Output);
        string line = Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("trt: ", line, StringComparison.Ordinal);
        return line;
    }

    /// <summary>Makes sure that no line is wider than 80 columns, but for a path, which is never broken.</summary>
    public void FitsTheScreen() =>
        Assert.All(Output.Split('\n'), line => Assert.True(string.Join(' ', line.TrimEnd().Split(' ').Where(word => !Path.IsPathRooted(word))).Length <= 80, line));
}
