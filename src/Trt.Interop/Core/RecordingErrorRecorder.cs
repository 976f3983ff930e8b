using System.Runtime.CompilerServices;

namespace Trt.Interop.Core;

/// <summary>Keeps what is reported during the current call for its exception, and passes it on: with a recorder set the logger hears nothing.</summary>
internal sealed class RecordingErrorRecorder : IErrorRecorder, ICallbackWrapper
{
    private static readonly ConditionalWeakTable<IErrorRecorder, RecordingErrorRecorder> Known = [];
    private readonly IErrorRecorder inner;

    private RecordingErrorRecorder(IErrorRecorder inner) => this.inner = inner;

    public object Inner => inner;

    public int NbErrors => inner.NbErrors;

    public static RecordingErrorRecorder For(IErrorRecorder recorder) => Known.GetValue(recorder, static user => new RecordingErrorRecorder(user));

    public ErrorCode GetErrorCode(int errorIdx) => inner.GetErrorCode(errorIdx);

    public string GetErrorDesc(int errorIdx) => inner.GetErrorDesc(errorIdx);

    public bool HasOverflowed() => inner.HasOverflowed();

    public void Clear() => inner.Clear();

    public bool ReportError(ErrorCode val, string desc)
    {
        CallState.Note(Severity.Error, desc);
        return inner.ReportError(val, desc);
    }

    public int IncRefCount() => inner.IncRefCount();

    public int DecRefCount() => inner.DecRefCount();
}
