using Microsoft.Extensions.Logging;
using Trt.Interop;

namespace Trt.Lite;

/// <summary>Passes TensorRT's messages on to Microsoft.Extensions.Logging. Safe to use from any thread.</summary>
/// <param name="logger">Gets internal errors as critical, errors, warnings and information as such, verbose messages as debug.</param>
public sealed partial class LoggingAdapter(Microsoft.Extensions.Logging.ILogger logger) : Trt.Interop.ILogger
{
    /// <inheritdoc/>
    public void Log(Severity severity, string msg) => Write(logger, LevelOf(severity), msg);

    internal static LogLevel LevelOf(Severity severity) => severity switch
    {
        Severity.InternalError => LogLevel.Critical,
        Severity.Error => LogLevel.Error,
        Severity.Warning => LogLevel.Warning,
        Severity.Info => LogLevel.Information,
        _ => LogLevel.Debug,
    };

    [LoggerMessage(EventId = 1, EventName = "TensorRT", Message = "{Text}")]
    private static partial void Write(Microsoft.Extensions.Logging.ILogger logger, LogLevel level, string text);
}
