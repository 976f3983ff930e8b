namespace Trt.Utils.Tests.Inference;

/// <summary>The suites again, each call by way of stub → vtable → proxy, laid out as releases do.</summary>
public static class ThroughStubs
{
    public sealed class Run() : RunTests("10.16");

    public sealed class RunOfOld() : RunTests("8.6.1");

    public sealed class RunOfNew() : RunTests("11.1");

    public sealed class RunOfRtx() : RunTests("r1.6");

    public sealed class Shape() : ShapeTests("10.16");

    public sealed class ShapeOfOld() : ShapeTests("8.6.1");

    public sealed class TensorKind() : TensorKindTests("10.16");

    public sealed class WrongUse() : WrongUseTests("10.16");

    public sealed class Graph() : GraphTests("10.16");

    public sealed class GraphOfRtx() : GraphTests("r1.6");

    public sealed class Parallel() : ParallelTests("10.16");
}
