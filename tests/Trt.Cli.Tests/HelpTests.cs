using System.CommandLine;
using Trt.Tests;
using Xunit;

namespace Trt.Cli.Tests;

public class HelpTests
{
    [Fact]
    public void Every_command_has_help_of_80_columns_with_an_example()
    {
        using Session session = new(TextWriter.Null, TextWriter.Null, CancellationToken.None);
        foreach (string[] path in Commands(CommandLine.Root(session), []))
        {
            Ran ran = Ran.Trt([.. path, "--help"]);
            Assert.Equal(0, ran.ExitCode);
            Assert.Empty(ran.Error);
            string example = ran.Output[Math.Max(ran.Output.LastIndexOf("Example", StringComparison.Ordinal), 0)..];
            Assert.True(ran.Output.Contains("Commands:", StringComparison.Ordinal) || example.Contains($"trt {string.Join(' ', path)}", StringComparison.Ordinal), $"{string.Join(' ', path)} has no example");
            Assert.All(ran.Output.Split("Example")[0].Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, $"{string.Join(' ', path)}: {line}"));
        }
    }

    [Theory]
    [InlineData("--json", "inspect")]
    [InlineData("--json=true", "inspect")]
    [InlineData("--json", "true", "inspect")]
    [InlineData("-v", "--no-color", "--json", "inspect")]
    public void Options_of_all_commands_may_stand_before_one(params string[] before)
    {
        Ran ran = Ran.Trt([.. before, ModelFiles.Find("lenet.onnx")]);
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Equal("ONNX model", ran.Json.GetProperty("kind").GetString());
    }

    private static IEnumerable<string[]> Commands(Command command, string[] path) =>
        command.Subcommands.SelectMany(child => Commands(child, [.. path, child.Name])).Prepend(path).Where(names => names.Length > 0);
}
