namespace Trt.Cli;

/// <summary>Something that the user can put right: its message is all that is shown.</summary>
internal sealed class UserError(string message, int exitCode = ExitCode.Failure) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
