using Trt.Cpu.Tests.Calibration;
using Trt.Cpu.Tests.Goldens;
using Trt.Cpu.Tests.Refitting;
using Xunit.Abstractions;

namespace Trt.Cpu.Tests;

/// <summary>Suites again with the CPU runtime itself, while a thread collects all the time.</summary>
public static class DirectlyWhileCollecting
{
    [Through(null, Collecting = true)]
    public sealed class LayerGolden(ITestOutputHelper output) : LayerGoldenTests(output);

    [Through(null, Collecting = true)]
    public sealed class Int8 : Int8Tests;

    [Through(null, Collecting = true)]
    public sealed class Refitter : RefitterTests;

    [Through(null, Collecting = true)]
    public sealed class Profiler : ProfilerTests;

    [Through(null, Collecting = true)]
    public sealed class DebugTensor : DebugTensorTests;
}
