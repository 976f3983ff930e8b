using Trt.Cpu.Tests.Parsing;
using Trt.Cpu.Tests.Refitting;

namespace Trt.Cpu.Tests;

/// <summary>Suites of what TensorRT 11 has kept again through stub → vtable → proxy, laid out as TensorRT 11.1.</summary>
public static class ThroughNewStubs
{
    [Through("11.1")]
    public sealed class Profile : ProfileTests;

    [Through("11.1")]
    public sealed class DynamicShape : DynamicShapeTests;

    [Through("11.1")]
    public sealed class DataDependent : DataDependentTests;

    [Through("11.1")]
    public sealed class Refusal : RefusalTests;

    [Through("11.1")]
    public sealed class Inspector : InspectorTests;

    [Through("11.1")]
    public sealed class Profiler : ProfilerTests;

    [Through("11.1")]
    public sealed class DebugTensor : DebugTensorTests;

    [Through("11.1")]
    public sealed class ParserRefitter : ParserRefitterTests;

    [Through("11.1")]
    public sealed class LeNet : LeNetTests;

    [Through("11.1")]
    public sealed class LeNetRefit : LeNetRefitTests;
}
