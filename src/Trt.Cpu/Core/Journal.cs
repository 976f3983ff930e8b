using System.Globalization;
using System.Text;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Where an object's messages go: to the error recorder when one is set and it is an error, else to the logger.</summary>
internal sealed class Journal(ILogger logger)
{
    private const int LongestName = 4095;

    private readonly Lock gate = new();
    private IErrorRecorder? recorder;

    public ILogger Logger { get; } = logger;

    /// <summary>The recorder; setting counts a reference up and the old one's down.</summary>
    public IErrorRecorder? Recorder
    {
        get => Volatile.Read(ref recorder);
        set
        {
            IErrorRecorder? before;
            lock (gate)
            {
                before = recorder;
                if (ReferenceEquals(before, value))
                {
                    return;
                }

                recorder = value;
            }

            value?.IncRefCount();
            before?.DecRefCount();
        }
    }

    /// <summary>A journal with the same logger and, at first, the same recorder.</summary>
    public Journal Child() => new(Logger) { Recorder = Recorder };

    /// <summary>Logs that a method refused, in TensorRT's form, and returns the line.</summary>
    public string Refused(string method, Refusal refusal)
    {
        if (refusal.Preface is { } preface)
        {
            Error(ErrorCode.InvalidArgument, preface);
        }

        string line = string.Create(CultureInfo.InvariantCulture, $"{method}: Error Code {(int)refusal.Code}: {refusal.Category} ({refusal.Message})");
        Error(refusal.Code, line);
        return line;
    }

    /// <summary>Logs a failed check of a parameter and returns the line.</summary>
    public string BadParameter(string method, string condition) =>
        Refused(method, Refusal.Argument($"Parameter check failed, condition: {condition}."));

    /// <summary>Logs that a name has more bytes than TensorRT keeps, if so.</summary>
    /// <returns>Whether it has.</returns>
    public bool IsTooLong(string method, string? name)
    {
        if (NameLimit(name) is not { } refusal)
        {
            return false;
        }

        Refused(method, refusal);
        return true;
    }

    /// <summary>The same, for methods that owe a result.</summary>
    /// <exception cref="TensorRtException">The name is too long.</exception>
    public void ThrowIfTooLong(string method, string? name)
    {
        if (NameLimit(name) is { } refusal)
        {
            throw Failure(method, refusal);
        }
    }

    /// <summary>Logs a refusal and gives it as an exception, for methods that owe a result.</summary>
    public TensorRtException Failure(string method, Refusal refusal) => new(Refused(method, refusal), refusal.InnerException);

    public void Error(ErrorCode code, string line)
    {
        if (Recorder is { } errors)
        {
            Call("IErrorRecorder.ReportError", () => errors.ReportError(code, line));
        }
        else
        {
            Log(Severity.Error, line);
        }
    }

    public void Warning(string line) => Log(Severity.Warning, line);

    public void Verbose(string line) => Log(Severity.Verbose, line);

    public void Info(string line) => Log(Severity.Info, line);

    /// <summary>A line of ONNX Runtime's own log. What it calls an error is also the failure of a call, which is told as one.</summary>
    public void OfOnnxRuntime(int severity, string text) =>
        Log(severity >= 3 ? Severity.Warning : severity == 2 ? Severity.Info : Severity.Verbose, $"ONNX Runtime: {text}");

    private static Refusal? NameLimit(string? name) => name is not null && Encoding.UTF8.GetByteCount(name) is > LongestName and int length
        ? Refusal.Argument($"The name {name[..32]}... has {length} bytes; {LongestName} are the most.")
        : null;

    private void Log(Severity severity, string line) => Call("ILogger.Log", () => Logger.Log(severity, line));

    private static void Call(string name, Action callback)
    {
        try
        {
            callback();
        }
        catch (Exception error) when (error is not TensorRtException)
        {
            throw new TensorRtException($"The callback {name} threw {error.GetType().Name}: {error.Message}", error);
        }
    }
}
