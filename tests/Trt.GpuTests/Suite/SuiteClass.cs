using Trt.Interop;
using Trt.Interop.Loading;

namespace Trt.GpuTests.Suite;

/// <summary>A class of tests of the suite, and which of its tests say something about NVIDIA's libraries.</summary>
/// <param name="Type">The class.</param>
/// <param name="Reason">Why its other tests are left to the CPU runtime.</param>
/// <param name="Tests">The methods that hold for NVIDIA's libraries, alone or with the beginning of their arguments; <c>*</c> for all.</param>
internal sealed record SuiteClass(Type Type, string Reason, params string[] Tests)
{
    private readonly List<(string Test, Func<TensorRtLibrary, bool> On, string Reason)> left = [];

    /// <summary>Leaves tests out on some libraries.</summary>
    /// <param name="test">Method, or method with the beginning of its arguments; <c>*</c> for all.</param>
    /// <param name="on">The libraries.</param>
    /// <param name="reason">Why it cannot hold there.</param>
    public SuiteClass Without(string test, Func<TensorRtLibrary, bool> on, string reason)
    {
        left.Add((test, on, reason));
        return this;
    }

    /// <summary>Leaves tests to the CPU runtime itself, not reached through stubs.</summary>
    /// <param name="test">As for <see cref="Without"/>.</param>
    /// <param name="reason">Why they say nothing about what stands behind a vtable.</param>
    public SuiteClass OnlyDirectly(string test, string reason) => Without(test, library => library.Flavour != Flavour.Cpu, reason);

    /// <summary>Why a test is not run on a library; null when it is.</summary>
    /// <param name="library">The library.</param>
    /// <param name="method">The test's method.</param>
    /// <param name="name">The test's name with its arguments.</param>
    public string? WhyNot(TensorRtLibrary library, string method, string name)
    {
        foreach ((string test, Func<TensorRtLibrary, bool> on, string reason) in left)
        {
            if ((test == "*" || test == method || name.StartsWith($"{Type.Name}.{test}", StringComparison.Ordinal)) && on(library))
            {
                return reason;
            }
        }

        return IsRehearsal(library) || Tests.Contains("*") || Tests.Contains(method) || Tests.Any(test => test.Contains('(', StringComparison.Ordinal) && name.StartsWith($"{Type.Name}.{test}", StringComparison.Ordinal)) ? null : Reason;
    }

    /// <summary>Whether the CPU runtime stands in.</summary>
    public static bool IsRehearsal(TensorRtLibrary library) => library is LoopBackLibrary or ManagedLibrary;
}
