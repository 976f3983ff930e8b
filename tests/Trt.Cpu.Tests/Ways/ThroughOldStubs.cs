
namespace Trt.Cpu.Tests;

/// <summary>Suites that need nothing newer again through stub → vtable → proxy, laid out as TensorRT 8.6.1.</summary>
public static class ThroughOldStubs
{
    [Through("8.6.1")]
    public sealed class Profile : ProfileTests;

    [Through("8.6.1")]
    public sealed class DynamicShape : DynamicShapeTests;

    [Through("8.6.1")]
    public sealed class DataDependent : DataDependentTests;

    [Through("8.6.1")]
    public sealed class Inspector : InspectorTests;

    [Through("8.6.1")]
    public sealed class Profiler : ProfilerTests;

    [Through("8.6.1")]
    public sealed class Plan : PlanTests;
}
