namespace Trt.Cli;

/// <summary>What the tool answers to the shell.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It could not be done, or a comparison or check failed; one line on standard error says why.</summary>
    public const int Failure = 1;

    /// <summary>The command line was wrong.</summary>
    public const int Usage = 2;

    /// <summary>Ended by Ctrl-C, as shells number it.</summary>
    public const int Cancelled = 130;
}
