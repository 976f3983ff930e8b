using System.Runtime.CompilerServices;

namespace Trt.Interop.Core;

/// <summary>Keeps the lines of the current call for its exception, and passes them on.</summary>
internal sealed class RecordingLogger : ILogger, ICallbackWrapper
{
    private static readonly ConditionalWeakTable<ILogger, RecordingLogger> Known = [];
    private readonly ILogger inner;

    private RecordingLogger(ILogger inner) => this.inner = inner;

    public object Inner => inner;

    /// <summary>The one that stands in front of a user's logger.</summary>
    public static RecordingLogger For(ILogger logger) => Known.GetValue(logger, static user => new RecordingLogger(user));

    public void Log(Severity severity, string msg)
    {
        string text = Escape(msg);
        CallState.Note(severity, text);
        if (CallState.Current.SilenceDepth == 0)
        {
            inner.Log(severity, text);
        }
    }

    /// <summary>Native messages may hold control characters; they are shown, not sent to a terminal.</summary>
    private static string Escape(string text)
    {
        foreach (char c in text)
        {
            if (char.IsControl(c) && c is not '\n' and not '\t')
            {
                return string.Concat(text.Select(one => char.IsControl(one) && one is not '\n' and not '\t' ? $"\\x{(int)one:x2}" : one.ToString()));
            }
        }

        return text;
    }
}
