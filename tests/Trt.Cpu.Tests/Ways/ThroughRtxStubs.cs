using Trt.Cpu.Tests.Parsing;
using Trt.Cpu.Tests.Refitting;

namespace Trt.Cpu.Tests;

/// <summary>Suites of what TensorRT-RTX has kept again through stub → vtable → proxy, laid out as TensorRT-RTX 1.6.</summary>
public static class ThroughRtxStubs
{
    [Through("1.6", true)]
    public sealed class Profile : ProfileTests;

    [Through("1.6", true)]
    public sealed class DynamicShape : DynamicShapeTests;

    [Through("1.6", true)]
    public sealed class DataDependent : DataDependentTests;

    [Through("1.6", true)]
    public sealed class Refusal : RefusalTests;

    [Through("1.6", true)]
    public sealed class Inspector : InspectorTests;

    [Through("1.6", true)]
    public sealed class Profiler : ProfilerTests;

    [Through("1.6", true)]
    public sealed class DebugTensor : DebugTensorTests;

    [Through("1.6", true)]
    public sealed class ParserRefitter : ParserRefitterTests;

    [Through("1.6", true)]
    public sealed class LeNet : LeNetTests;

    [Through("1.6", true)]
    public sealed class LeNetRefit : LeNetRefitTests;
}
