namespace Trt.Utils.Tests.Refitting;

/// <summary>The suites again, each call by way of stub → vtable → proxy, laid out as releases do.</summary>
public static class ThroughStubs
{
    public sealed class Refitting() : RefittingTests("10.16");

    public sealed class RefittingOfNew() : RefittingTests("11.1");

    public sealed class RefittingOfOld() : RefittingTests("8.6.1");

    public sealed class RefittingOfRtx() : RefittingTests("r1.6");

    public sealed class StrippedRefit() : StrippedRefitTests("10.16");
}
