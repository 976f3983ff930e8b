using Trt.Interop;
using Trt.Interop.Loading;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>
/// The library that the running test is about: the CPU runtime directly, or as <see cref="ThroughAttribute"/> on its class says, or, in a program that
/// runs the tests against a library of its own, <see cref="TestTarget.Library"/>.
/// </summary>
internal static class TestLibrary
{
    private static readonly ManagedLibrary Direct = new(CpuRuntime.Provider);
    private static readonly AsyncLocal<TensorRtLibrary?> Chosen = new();

    public static TensorRtLibrary Current => Chosen.Value ?? TestTarget.Library ?? Direct;

    public static bool IsDirect => Chosen.Value is null && TestTarget.Library is null;

    /// <summary>Whether the CPU runtime computes, however it is reached.</summary>
    public static bool IsCpu => Current is LoopBackLibrary or ManagedLibrary;

    /// <summary>For the rest of the running test; null for the CPU runtime itself.</summary>
    public static void Choose(TensorRtLibrary? library) => Chosen.Value = library;

    /// <summary>What began a failure: layers on the way wrap what they pass on.</summary>
    public static Exception Cause(Exception error) => error.InnerException is { } inner ? Cause(inner) : error;

    /// <summary>The action must fail with an exception of this type, which native layers on the way pass on inside of their own.</summary>
    public static T Throws<T>(Action action)
        where T : Exception
    {
        if (IsDirect)
        {
            return Assert.Throws<T>(action);
        }

        TensorRtException outer = Assert.Throws<TensorRtException>(action);
        return Assert.IsType<T>(Cause(outer));
    }
}
