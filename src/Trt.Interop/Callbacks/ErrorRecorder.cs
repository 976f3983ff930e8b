namespace Trt.Interop;

/// <summary>Collects the errors of the objects that it is set on.</summary>
/// <remarks>
/// While a recorder is set, a library reports its errors there and its logger hears none. Thread-safe. Nothing is dropped, so
/// <see cref="HasOverflowed"/> is always false.
/// </remarks>
public class ErrorRecorder : IErrorRecorder
{
    private readonly Lock gate = new();
    private readonly List<(ErrorCode Code, string Description)> errors = [];
    private int references;

    /// <summary>The errors so far, oldest first.</summary>
    public IReadOnlyList<(ErrorCode Code, string Description)> Errors
    {
        get
        {
            lock (gate)
            {
                return [.. errors];
            }
        }
    }

    /// <inheritdoc/>
    public int NbErrors
    {
        get
        {
            lock (gate)
            {
                return errors.Count;
            }
        }
    }

    /// <inheritdoc/>
    public ErrorCode GetErrorCode(int errorIdx) => At(errorIdx).Code;

    /// <inheritdoc/>
    public string GetErrorDesc(int errorIdx) => At(errorIdx).Description;

    /// <inheritdoc/>
    public bool HasOverflowed() => false;

    /// <inheritdoc/>
    public void Clear()
    {
        lock (gate)
        {
            errors.Clear();
        }
    }

    /// <inheritdoc/>
    public virtual bool ReportError(ErrorCode val, string desc)
    {
        lock (gate)
        {
            errors.Add((val, desc));
        }

        return false;
    }

    /// <inheritdoc/>
    public int IncRefCount() => Interlocked.Increment(ref references);

    /// <inheritdoc/>
    public int DecRefCount() => Interlocked.Decrement(ref references);

    private (ErrorCode Code, string Description) At(int index)
    {
        lock (gate)
        {
            return (uint)index < (uint)errors.Count
                ? errors[index]
                : throw new ArgumentOutOfRangeException(nameof(index), $"There is no error {index}; {errors.Count} were recorded.");
        }
    }
}
