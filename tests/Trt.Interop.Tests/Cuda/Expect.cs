using System.Runtime.CompilerServices;

namespace Trt.Interop.Tests.Cuda;

/// <summary>Assertions without a test framework, so that the same bodies run in a plain program.</summary>
internal static class Expect
{
    internal static void True(bool condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        if (!condition)
        {
            throw new ConformanceException($"does not hold: {text}");
        }
    }

    internal static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string text = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new ConformanceException($"{text} is {actual}, expected {expected}");
        }
    }

    internal static void Same<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> actual, [CallerArgumentExpression(nameof(actual))] string text = "")
        where T : IEquatable<T>
    {
        Equal(expected.Length, actual.Length, text + ".Length");
        int common = expected.CommonPrefixLength(actual);
        if (common != expected.Length)
        {
            throw new ConformanceException($"{text}[{common}] is {actual[common]}, expected {expected[common]}");
        }
    }

    internal static T Throws<T>(Action action, string? fragment = null, [CallerArgumentExpression(nameof(action))] string text = "")
        where T : Exception
    {
        try
        {
            action();
        }
        catch (T error)
        {
            if (fragment is not null && !error.Message.Contains(fragment, StringComparison.Ordinal))
            {
                throw new ConformanceException($"{text}: the message \"{error.Message}\" lacks \"{fragment}\"");
            }

            return error;
        }
        catch (Exception error)
        {
            throw new ConformanceException($"{text} threw {error.GetType().Name} ({error.Message}), expected {typeof(T).Name}");
        }

        throw new ConformanceException($"{text} threw nothing, expected {typeof(T).Name}");
    }

    internal static void Fails(Trt.Interop.Cuda.CudaResult result, Action action, [CallerArgumentExpression(nameof(action))] string text = "") =>
        Equal(result, Throws<Trt.Interop.Cuda.CudaException>(action, null, text).Result, text);
}
