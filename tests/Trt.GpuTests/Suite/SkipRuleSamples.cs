using Trt.Interop;
using Trt.Interop.Core;
using Trt.Utils;
using Xunit;

namespace Trt.GpuTests.Suite;

/// <summary>Tests that end in every way that <see cref="SkipRuleChecks"/> wants judged, on a library laid out as 8.6.1. They are run by it alone.</summary>
public sealed class SkipRuleSamples : IDisposable
{
    private readonly IBuilder builder;
    private readonly IBuilderConfig config;

    public SkipRuleSamples()
    {
        builder = TestTarget.Library!.CreateInferBuilder(new CollectingLogger());
        config = builder.CreateBuilderConfig();
    }

    public void Dispose()
    {
        config.Dispose();
        builder.Dispose();
    }

    [Fact]
    public void Passes() => config.ClearFlag(BuilderFlag.TF32);

    [Fact]
    public void Skips_asks_for_a_member_that_is_missing() => config.ProgressMonitor = null;

    [Fact]
    public void Skips_asks_for_an_enumerator_that_is_missing() => config.SetFlag(BuilderFlag.StripPlan);

    [Fact]
    public void Skips_asks_for_an_option_that_is_missing() => Build(new BuildOptions { StripPlan = true, Refit = RefitKind.All });

    [SkippableFact]
    public void Skips_by_itself() => Skip.If(true, "there is nothing to do");

    [Fact]
    public void Fails_by_an_assertion_that_mentions_one() => Assert.Fail("NotInThisReleaseException: IBuilderConfig.setProgressMonitor is not in TensorRT 8.6.1.");

    [Fact]
    public void Fails_expecting_something_else() => Assert.Throws<InvalidOperationException>(() => config.ProgressMonitor = null);

    [Fact]
    public void Fails_by_an_exception_around_one() => throw new InvalidOperationException("the product let it out", Assert.Throws<NotInThisReleaseException>(() => config.ProgressMonitor = null));

    [Fact]
    public void Fails_by_one_that_names_what_the_release_has() => throw NotInThisReleaseException.ForMember("IBuilder.createBuilderConfig", "TensorRT 8.6.1");

    [Fact]
    public void Fails_by_one_that_names_nothing_known() => throw NotInThisReleaseException.ForMember("IBuilder.makeCoffee", "TensorRT 8.6.1");

    [Fact]
    public void Fails_by_an_option_that_is_refused_for_another_reason() => Build(new BuildOptions { StripPlan = true, Refit = RefitKind.All, ExcludeLeanRuntime = true });

    private static void Build(BuildOptions options) => new EngineBuilder(TestTarget.Library!, new CollectingLogger()).Build(network => network.AddInput("x", DataType.Float, [1]), options).Dispose();
}
