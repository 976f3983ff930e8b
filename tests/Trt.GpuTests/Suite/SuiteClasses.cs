using Trt.Cpu.Tests;
using Trt.Cpu.Tests.Building;
using Trt.Cpu.Tests.Calibration;
using Trt.Cpu.Tests.Copying;
using Trt.Cpu.Tests.Formats;
using Trt.Cpu.Tests.Goldens;
using Trt.Cpu.Tests.Layers;
using Trt.Cpu.Tests.Parsing;
using Trt.Cpu.Tests.Refitting;
using Trt.Cpu.Tests.Running;
using Trt.Cpu.Tests.WrongUse;
using Trt.Interop;

namespace Trt.GpuTests.Suite;

/// <summary>The suite's classes by the part that runs them.</summary>
internal static class SuiteClasses
{
    private const string OwnWords = "it asserts the CPU runtime's own words";
    private const string OwnRules = "it asserts rules and sizes of the CPU runtime that NVIDIA's libraries need not share";
    internal const string OwnShapes = "the CPU runtime tells shapes in 64 bits, for which this release has no name";
    private const string OwnGoldens = "the part layers compares each release with its own answers";

    /// <summary>Networks with layers of every kind, values against goldens and arithmetic.</summary>
    public static IReadOnlyList<SuiteClass> Networks { get; } =
    [
        new SuiteClass(typeof(LayerGoldenTests), OwnGoldens),
        new SuiteClass(typeof(LeNetTests), OwnRules, nameof(LeNetTests.RecognisesAllDigitsAsPyTorchDid), nameof(LeNetTests.TwoContextsRunInTwoThreads)),
        new SuiteClass(typeof(DynamicShapeTests), OwnWords, nameof(DynamicShapeTests.PoolingThenReshapeWithPlaceholderAndWildcard), nameof(DynamicShapeTests.ConcatenationReduceAndMatrixProduct)),
        new SuiteClass(typeof(DataDependentTests), OwnWords),
        new SuiteClass(typeof(VectorFormatTests), OwnRules),
        .. new[]
        {
            typeof(ArgumentRuleTests), typeof(AttentionOptionTests), typeof(AttentionTests), typeof(ConditionalTests), typeof(ElementWiseTests), typeof(EmptyTensorTests), typeof(ExpertTests),
            typeof(FirstReasonTests), typeof(FourBitTests), typeof(GatherTests), typeof(LeadingAxesTests), typeof(LoopTests), typeof(PackedAttentionTests), typeof(ParameterTests), typeof(PrecisionTests),
            typeof(QuantizationTests), typeof(RearrangingTests), typeof(RunTimeShapeTests), typeof(SamplingTests), typeof(ScaleAndNormalizationTests), typeof(SliceTests), typeof(WrongLoopTests),
        }.Select(type => new SuiteClass(type, "the network is strongly typed and its expectations come from today's rules, not from a GPU")),
    ];

    /// <summary>Contexts: shapes, profiles, memory, threads, graphs, what is refused.</summary>
    public static IReadOnlyList<SuiteClass> Contexts { get; } =
    [
        new SuiteClass(typeof(ProfileTests), OwnWords),
        new SuiteClass(typeof(LifetimeTests), OwnWords, nameof(LifetimeTests.ContextRunsAfterEngineAndRuntimeAreGone)),
        new SuiteClass(typeof(ContextMemoryTests), OwnRules),
        new SuiteClass(typeof(ParallelRunTests), OwnWords),
        new SuiteClass(typeof(PlanTests), OwnWords),
        new SuiteClass(typeof(PlanStreamTests), OwnWords).Without(nameof(PlanStreamTests.WrongStreamsAreRefused), library => IsLaidOutAs8(library) || IsTyped(library), "this release lacks one of the two kinds of stream readers"),
        new SuiteClass(typeof(ProfilerTests), OwnRules),
        new SuiteClass(typeof(DebugTensorTests), OwnRules),
        new SuiteClass(typeof(DebugMarkTests), OwnRules),
        new SuiteClass(typeof(WrongUseTests), OwnWords),
    ];

    /// <summary>The builder: settings, refusals, progress, inspector.</summary>
    public static IReadOnlyList<SuiteClass> Builder { get; } =
    [
        new SuiteClass(typeof(BuilderConfigTests), OwnRules).Without(nameof(BuilderConfigTests.StronglyTypedNetworksTakeNoPrecisions), IsTyped, "this release has no flags of precisions"),
        new SuiteClass(typeof(NetworkSettingTests), OwnRules).Without(nameof(NetworkSettingTests.ProfilesAreCheckedAgainByTheBuild), IsLaidOutAs8, "extents of 8.x have 32 bits"),
        new SuiteClass(typeof(ProgressTests), OwnRules).Without(nameof(ProgressTests.ThrowingMonitorIsTheCause), Lacks("IBuilderConfig.setProgressMonitor"), "this release has no progress monitor"),
        new SuiteClass(typeof(RefusalTests), OwnWords).Without(nameof(RefusalTests.TimingCachesKeepOnlyWhatBuildsAdded), Lacks("ITimingCache.update"), "timing caches of this release cannot be edited"),
        new SuiteClass(typeof(InspectorTests), OwnRules),
        new SuiteClass(typeof(NetworkCopyTests), OwnRules),
    ];

    /// <summary>The ONNX parser: whole models against their goldens.</summary>
    public static IReadOnlyList<SuiteClass> Parser { get; } =
    [
        new SuiteClass(typeof(ModelGoldenTests), OwnRules, nameof(ModelGoldenTests.OutputsAreTheGoldens), nameof(ModelGoldenTests.LeNetWithTwoProfilesIsTheGolden), nameof(ModelGoldenTests.LeNetInHalfPrecisionIsTheGolden))
            .Without("OutputsAreTheGoldens(model: \"encoder\"", IsFull86, "8.6.0's parser refuses the model; the part building asserts that")
            .Without("OutputsAreTheGoldens(model: \"encoder\"", HasNo64Bits, OwnShapes)
            .Without("OutputsAreTheGoldens(model: \"charrnn\", feed: \"tokens:1\"", HasNo64Bits, OwnShapes)
            .Without("OutputsAreTheGoldens(model: \"shapes_retinanet_dynamic\"", IsFull86, "nothing is known of this model and 8.6"),
        new SuiteClass(typeof(ParserGoldenTests), "its goldens are TensorRT-RTX's, which the part rtx compares with them"),
        new SuiteClass(typeof(ParserRefitterTests), OwnRules, nameof(ParserRefitterTests.LeNetTakesTheWeightsOfAnotherFileAndItsOwnBack))
            .Without(nameof(ParserRefitterTests.AFileWithoutTheWeightsIsAnErrorThatNamesThem), Lacks("IParserRefitter.refitFromBytes"), "this release has no refitting parser"),
    ];

    /// <summary>Calibration of all four kinds, against 8.6.0's caches.</summary>
    public static IReadOnlyList<SuiteClass> Calibration { get; } =
    [
        new SuiteClass(typeof(CalibrationTests), OwnRules)
            .Without(nameof(CalibrationTests.NoBatchAnotherModelsCacheAndNothingAtAllAreRefused), IsTyped, "this release has no calibrators")
            .Without(nameof(CalibrationTests.ACalibratorThatThrowsOrGivesNoMemoryIsNamed), IsTyped, "this release has no calibrators"),
        new SuiteClass(typeof(ParsedCalibrationTests), OwnRules, nameof(ParsedCalibrationTests.TensorsThatBothNameHaveNvidiasScales)),
        new SuiteClass(typeof(Int8Tests), OwnRules),
    ];

    /// <summary>Refitting.</summary>
    public static IReadOnlyList<SuiteClass> Refit { get; } =
    [
        new SuiteClass(typeof(LeNetRefitTests), OwnRules, nameof(LeNetRefitTests.ThreeStatesByName)),
        new SuiteClass(typeof(RefitterTests), OwnRules)
            .Without(nameof(RefitterTests.WrongWeightsAreRefusedByLayerAndEngineStaysAsItWas), Lacks("IRefitter.unsetNamedWeights"), "weights cannot be taken back in this release")
            .Without(nameof(RefitterTests.WrongWeightsAreRefusedByLayerAndEngineStaysAsItWas), Lacks("IRefitter.setDynamicRange"), "tensors have no ranges in this release")
            .Without(nameof(RefitterTests.RecordedRunUsesTheWeightsOfItsLaunch), Lacks("IRefitter.refitCudaEngineAsync"), "this release refits on no stream"),
    ];

    /// <summary>Whether the CPU runtime is laid out as a release that has no name for the 64 bits in which it tells shapes.</summary>
    internal static bool HasNo64Bits(TensorRtLibrary library) => SuiteClass.IsRehearsal(library) && !library.Supports(DataType.Int64);

    private static Func<TensorRtLibrary, bool> Lacks(string member) => library => !library.Supports(member);

    private static bool IsTyped(TensorRtLibrary library) => !library.Supports(BuilderFlag.FP16);

    private static bool IsLaidOutAs8(TensorRtLibrary library) => library.Release.Contains("TensorRT 8.", StringComparison.Ordinal);

    private static bool IsFull86(TensorRtLibrary library) => library.Version is { Major: 8 } && !SuiteClass.IsRehearsal(library);
}
