using Trt.Cpu.Tests.Building;
using Trt.Cpu.Tests.Calibration;
using Trt.Cpu.Tests.Copying;
using Trt.Cpu.Tests.Formats;
using Trt.Cpu.Tests.Parsing;
using Trt.Cpu.Tests.Refitting;
using Trt.Cpu.Tests.Running;
using Trt.Cpu.Tests.WrongUse;
using Xunit.Abstractions;

namespace Trt.Cpu.Tests;

/// <summary>The suites again, each call by way of stub → vtable → proxy, laid out as TensorRT 10.16.</summary>
public static class ThroughStubs
{
    [Through("10.16")]
    public sealed class DataDependent : DataDependentTests;

    [Through("10.16")]
    public sealed class Refitter : RefitterTests;

    [Through("10.16")]
    public sealed class LeNetRefit : LeNetRefitTests;

    [Through("10.16")]
    public sealed class ParsedCalibration : ParsedCalibrationTests;

    [Through("10.16")]
    public sealed class Calibration : CalibrationTests;

    [Through("10.16")]
    public sealed class Int8 : Int8Tests;

    [Through("10.16")]
    public sealed class Refusal : RefusalTests;

    [Through("10.16")]
    public sealed class DebugMark : DebugMarkTests;

    [Through("10.16")]
    public sealed class WrongUse : WrongUseTests;

    [Through("10.16")]
    public sealed class Profile : ProfileTests;

    [Through("10.16")]
    public sealed class LeNet : LeNetTests;

    [Through("10.16")]
    public sealed class VectorFormat : VectorFormatTests;

    [Through("10.16")]
    public sealed class ParserGolden : ParserGoldenTests;

    [Through("10.16")]
    public sealed class ParserRefitter : ParserRefitterTests;

    [Through("10.16")]
    public sealed class ModelGolden : ModelGoldenTests;

    [Through("10.16")]
    public sealed class OnnxNode(ITestOutputHelper output) : OnnxNodeTests(output);

    [Through("10.16")]
    public sealed class DebugTensor : DebugTensorTests;

    [Through("10.16")]
    public sealed class OnnxExport : OnnxExportTests;

    [Through("10.16")]
    public sealed class Inspector : InspectorTests;

    [Through("10.16")]
    public sealed class Lifetime : LifetimeTests;

    [Through("10.16")]
    public sealed class Progress : ProgressTests;

    [Through("10.16")]
    public sealed class NetworkSetting : NetworkSettingTests;

    [Through("10.16")]
    public sealed class BuilderConfig : BuilderConfigTests;

    [Through("10.16")]
    public sealed class Plan : PlanTests;

    [Through("10.16")]
    public sealed class PlanStream : PlanStreamTests;

    [Through("10.16")]
    public sealed class ParallelRun : ParallelRunTests;

    [Through("10.16")]
    public sealed class ContextMemory : ContextMemoryTests;

    [Through("10.16")]
    public sealed class Profiler : ProfilerTests;

    [Through("10.16")]
    public sealed class DynamicShape : DynamicShapeTests;
}
