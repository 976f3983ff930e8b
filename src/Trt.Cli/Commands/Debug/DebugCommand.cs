using System.CommandLine;

namespace Trt.Cli.Commands;

/// <summary><c>trt debug</c>: searches that take many builds.</summary>
internal static class DebugCommand
{
    public static Command Create(Session session) => new("debug", "Finds out why an engine is not what it should be.") { DebugPrecisionCommand.Create(session) };
}
