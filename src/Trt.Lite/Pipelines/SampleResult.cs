using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Trt.Lite;

/// <summary>What became of one sample of a pipeline.</summary>
/// <typeparam name="TResult">The result.</typeparam>
public readonly struct SampleResult<TResult>
{
    private readonly TResult value;

    internal SampleResult(long index, TResult value, SampleException? error)
    {
        Index = index;
        this.value = value;
        Error = error;
    }

    /// <summary>The sample's place in the source, from 0.</summary>
    public long Index { get; }

    /// <summary>Why there is no result, naming the sample; null when there is one.</summary>
    public SampleException? Error { get; }

    /// <summary>Whether there is a result.</summary>
    public bool IsSuccess => Error is null;

    /// <summary>The result.</summary>
    /// <exception cref="SampleException">The sample could not be used; the message names it.</exception>
    public TResult Value
    {
        get
        {
            if (Error is not null)
            {
                ExceptionDispatchInfo.Throw(Error);
            }

            return value;
        }
    }

    /// <summary>The result, if there is one.</summary>
    /// <param name="result">The result.</param>
    public bool TryGet([MaybeNullWhen(false)] out TResult result)
    {
        result = value;
        return IsSuccess;
    }

    /// <summary>The sample's place, and its result or what went wrong.</summary>
    public override string ToString() => Error?.Message ?? $"{Index}: {value}";
}
