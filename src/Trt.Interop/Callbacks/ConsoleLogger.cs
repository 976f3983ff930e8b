namespace Trt.Interop;

/// <summary>Writes a library's log to the console: errors and warnings to standard error, the rest to standard output.</summary>
/// <param name="minimum">The least severe lines that are written.</param>
/// <remarks>Thread-safe.</remarks>
public sealed class ConsoleLogger(Severity minimum = Severity.Warning) : ILogger
{
    /// <summary>The least severe lines that are written.</summary>
    public Severity Minimum { get; set; } = minimum;

    /// <inheritdoc/>
    public void Log(Severity severity, string msg)
    {
        if (severity <= Minimum)
        {
            (severity <= Severity.Warning ? Console.Error : Console.Out).WriteLine($"[{severity}] {msg}");
        }
    }
}
