using Trt.Cpu.Tests.Calibration;
using Trt.Cpu.Tests.Formats;
using Trt.Cpu.Tests.Goldens;
using Trt.Cpu.Tests.Parsing;
using Trt.Cpu.Tests.Plugins;
using Trt.Cpu.Tests.Refitting;
using Trt.Cpu.Tests.Running;
using Xunit.Abstractions;

namespace Trt.Cpu.Tests;

/// <summary>Suites again, through stub → vtable → proxy, while a thread collects all the time.</summary>
public static class WhileCollecting
{
    [Through("10.16", Collecting = true)]
    public sealed class DataDependent : DataDependentTests;

    [Through("10.16", Collecting = true)]
    public sealed class Refitter : RefitterTests;

    [Through("10.16", Collecting = true)]
    public sealed class LeNetRefit : LeNetRefitTests;

    [Through("10.16", Collecting = true)]
    public sealed class ParsedCalibration : ParsedCalibrationTests;

    [Through("10.16", Collecting = true)]
    public sealed class DebugMark : DebugMarkTests;

    [Through("10.16", Collecting = true)]
    public sealed class Profile : ProfileTests;

    [Through("10.16", Collecting = true)]
    public sealed class LeNet : LeNetTests;

    [Through("10.16", Collecting = true)]
    public sealed class VectorFormat : VectorFormatTests;

    [Through("10.16", Collecting = true)]
    public sealed class LayerGolden(ITestOutputHelper output) : LayerGoldenTests(output);

    [Through("10.16", Collecting = true)]
    public sealed class ParserRefitter : ParserRefitterTests;

    [Through("10.16", Collecting = true)]
    public sealed class DebugTensor : DebugTensorTests;

    [Through("10.16", Collecting = true)]
    public sealed class Inspector : InspectorTests;

    [Through("10.16", Collecting = true)]
    public sealed class Lifetime : LifetimeTests;

    [Through("10.16", Collecting = true)]
    public sealed class Plan : PlanTests;

    [Through("10.16", Collecting = true)]
    public sealed class PlanStream : PlanStreamTests;

    [Through("10.16", Collecting = true)]
    public sealed class ContextMemory : ContextMemoryTests;

    [Through("10.16", Collecting = true)]
    public sealed class Profiler : ProfilerTests;

    [Through("10.16", Collecting = true)]
    public sealed class DynamicShape : DynamicShapeTests;

    [Through("10.16", Collecting = true)]
    public sealed class PluginV2 : PluginV2Tests;

    [Through("10.16", Collecting = true)]
    public sealed class PluginV3 : PluginV3Tests;

    [Through("10.16", Collecting = true)]
    public sealed class PluginV3Kinds : PluginV3KindsTests;

    [Through("10.16", Collecting = true)]
    public sealed class PluginFailure : PluginFailureTests;

    [Through("10.16", Collecting = true)]
    public sealed class PluginIntegration : PluginIntegrationTests;
}
