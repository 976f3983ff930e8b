using System.Text;
using Trt.Interop.Core;

namespace Trt.Interop;

/// <summary>A call into a library failed, or a callback inside of it did.</summary>
/// <remarks>The message names the C++ method and holds what the library logged during the call on the calling thread.</remarks>
public class TensorRtException : Exception
{
    /// <summary>An exception with a message.</summary>
    /// <param name="message">What failed and what to do.</param>
    /// <param name="innerException">What a callback threw, or null.</param>
    public TensorRtException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    private TensorRtException(string message, string method, IReadOnlyList<LogLine> log, Exception? inner)
        : base(message, inner)
    {
        Method = method;
        Log = log;
    }

    /// <summary>The C++ method that failed, such as <c>IBuilder::buildSerializedNetwork</c>; null when no method did.</summary>
    public string? Method { get; }

    /// <summary>Everything that the library logged during the call, in order.</summary>
    public IReadOnlyList<LogLine> Log { get; } = [];

    /// <summary>The worst severity that was logged, or null when nothing was.</summary>
    public Severity? Severity => Log.Count == 0 ? null : Log.Min(line => line.Severity);

    /// <summary>The same failure with one more sentence.</summary>
    internal TensorRtException With(string sentence) => new(Message + Environment.NewLine + sentence, Method ?? string.Empty, Log, InnerException);

    internal static TensorRtException ForCall(TensorRtLibrary library, int member, IReadOnlyList<LogLine> lines, Exception? inner)
    {
        string method = Members.NameOf(member).Replace(".", "::", StringComparison.Ordinal);
        StringBuilder message = new();
        message.Append(method).Append(" failed");
        if (inner is not null)
        {
            message.Append(": a callback threw ").Append(inner.GetType().Name).Append(" (").Append(inner.Message).Append(')');
        }

        LogLine[] reasons = [.. lines.Where(line => line.Severity <= Interop.Severity.Error)];
        if (reasons.Length == 0)
        {
            reasons = [.. lines.Where(line => line.Severity == Interop.Severity.Warning)];
        }

        if (reasons.Length > 0)
        {
            message.Append(": ").AppendJoin(Environment.NewLine, reasons.Select(line => line.Text));
            if (Remedies.For(library, message.ToString()) is { } remedy)
            {
                message.AppendLine().Append(remedy);
            }
        }
        else if (inner is null)
        {
            message.Append(". ").Append(library).Append(" gave no reason.");
        }

        return new TensorRtException(message.ToString(), method, lines, inner);
    }
}
