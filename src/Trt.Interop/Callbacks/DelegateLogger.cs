namespace Trt.Interop;

/// <summary>Hands every line of a library's log to a delegate.</summary>
/// <param name="log">Called with severity and text, perhaps from several threads at once.</param>
public sealed class DelegateLogger(Action<Severity, string> log) : ILogger
{
    /// <inheritdoc/>
    public void Log(Severity severity, string msg) => log(severity, msg);
}
