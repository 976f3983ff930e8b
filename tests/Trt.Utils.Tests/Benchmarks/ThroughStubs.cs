namespace Trt.Utils.Tests.Benchmarks;

/// <summary>The suite again, each call by way of stub → vtable → proxy, laid out as releases do.</summary>
public static class ThroughStubs
{
    public sealed class EngineBenchmark() : EngineBenchmarkTests("10.16");

    public sealed class EngineBenchmarkOfNew() : EngineBenchmarkTests("11.1");
}
