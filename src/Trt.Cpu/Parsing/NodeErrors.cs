using Trt.Interop;

namespace Trt.Cpu.Parsing;

/// <summary>Hears the network's errors while a model is imported, and passes them on to the user's recorder or, where there is none, to the logger.</summary>
/// <param name="user">The network's recorder before, or null.</param>
/// <param name="logger">The parser's logger.</param>
internal sealed class NodeErrors(IErrorRecorder? user, ILogger logger) : ErrorRecorder
{
    /// <summary>The recorder that the network had, which it gets back.</summary>
    public IErrorRecorder? User { get; } = user;

    public override bool ReportError(ErrorCode val, string desc)
    {
        base.ReportError(val, desc);
        if (User is not null)
        {
            return User.ReportError(val, desc);
        }

        logger.Log(Severity.Error, desc);
        return false;
    }

    /// <summary>The descriptions, each on a line of its own.</summary>
    public string Text(string first) => string.Join('\n', Errors.Select(error => error.Description).Prepend(first));
}
