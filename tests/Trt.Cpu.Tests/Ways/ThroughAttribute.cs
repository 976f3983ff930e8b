using System.Reflection;
using Trt.Interop.Loading;
using Xunit.Sdk;

namespace Trt.Cpu.Tests;

/// <summary>Runs the tests of a class, usually one that derives from another, through stub → vtable → proxy, laid out as a release does; also while a thread collects all the time.</summary>
/// <param name="release">Such as <c>10.16</c>; null for the CPU runtime itself.</param>
/// <param name="rtx">Whether the release is one of TensorRT-RTX.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ThroughAttribute(string? release, bool rtx = false) : BeforeAfterTestAttribute
{
    /// <summary>Whether garbage is collected and finalizers run again and again during each test.</summary>
    public bool Collecting { get; init; }

    public override void Before(MethodInfo methodUnderTest)
    {
        TestLibrary.Choose(release is null ? null : new LoopBackLibrary(CpuRuntime.Provider, release, rtx));
        if (Collecting)
        {
            Collector.Begin();
        }
    }

    public override void After(MethodInfo methodUnderTest)
    {
        if (Collecting)
        {
            Collector.End();
        }
    }
}
