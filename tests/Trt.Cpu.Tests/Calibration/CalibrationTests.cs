using System.Text;
using Trt.Interop;
using Trt.Interop.Loading;
using Xunit;

namespace Trt.Cpu.Tests.Calibration;

/// <summary>Calibration of LeNet with the digits that TensorRT 8.6.0 was calibrated with.</summary>
public class CalibrationTests
{
    public static TheoryData<string> Kinds => ["minmax", "entropy2", "entropy", "legacy"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void NvidiasFileIsReadAndWrittenByteForByte(string kind)
    {
        byte[] file = Golden(kind);
        CalibrationCache cache = CalibrationCache.Read(file);
        Assert.Equal(file, cache.Write());
        Assert.Equal(1f / 127, cache.Scales[0].Scale, 5e-6);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ScalesAreThoseOfTensorRt(string kind)
    {
        using TestEngine test = new();
        using DigitCalibrator calibrator = DigitCalibrator.Of(kind);
        OnnxLeNet.Plan(test, config => Configure(config, calibrator));
        CalibrationCache ours = CalibrationCache.Read(Encoding.UTF8.GetBytes(calibrator.Written));
        CalibrationCache theirs = CalibrationCache.Read(Golden(kind));
        Assert.Equal(theirs.Scales.Select(entry => entry.Tensor), ours.Scales.Select(entry => entry.Tensor));
        Assert.Equal((theirs.Algorithm, theirs.Version, theirs.Quantile, theirs.RegressionCutoff), (ours.Algorithm, ours.Version, ours.Quantile, ours.RegressionCutoff));
        double[] differences = [.. ours.Scales.Zip(theirs.Scales, (mine, right) => Math.Abs(mine.Scale / right.Scale - 1))];
        string report = string.Join('\n', ours.Scales.Zip(theirs.Scales, (mine, right) => $"{mine.Tensor}: {mine.Scale} for {right.Scale}, {(mine.Scale / right.Scale) - 1:P3}"));

        // Min-max and the legacy algorithm follow from the numbers alone; the entropy search has shallow minima, which the last bits of a run decide.
        (double most, double all) = kind is "minmax" or "legacy" ? (1e-4, 1e-4) : (0.05, 0.15);
        Assert.True(differences.Max() < all && differences.Count(difference => difference < most) >= 0.8 * differences.Length, report);
        Assert.Equal(10, calibrator.Given);
        Assert.All(calibrator.Asked, name => Assert.Equal("data", name));
        Assert.Empty(test.Log.Errors);
    }

    [Theory]
    [InlineData("minmax", "10.16")]
    [InlineData("legacy", "8.6.1")]
    public void StubAndProxyGiveTheSame(string kind, string release)
    {
        using TestEngine test = new();
        using DigitCalibrator direct = DigitCalibrator.Of(kind);
        OnnxLeNet.Plan(test, config => Configure(config, direct));
        LoopBackLibrary library = new(CpuRuntime.Provider, release);
        using DigitCalibrator indirect = DigitCalibrator.Of(kind);
        using IBuilder builder = library.CreateInferBuilder(test.Log);
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.ExplicitBatch]);
        OnnxLeNet.Define(network);
        using IBuilderConfig config = builder.CreateBuilderConfig();
        OnnxLeNet.AddProfile(builder, config);
        Configure(config, indirect);
        builder.BuildSerializedNetwork(network, config).Dispose();
        Assert.Equal(direct.Written, indirect.Written);
        Assert.NotEmpty(direct.Written);
    }

    [Fact]
    public void HistogramsSpareTheBatches()
    {
        using TestEngine test = new();
        using DigitCalibrator.Legacy first = new();
        OnnxLeNet.Plan(test, config => Configure(config, first));
        using DigitCalibrator.Legacy second = new() { Histograms = first.Histograms };
        OnnxLeNet.Plan(test, config => Configure(config, second));
        Assert.Equal(0, second.Given);
        Assert.Equal(first.Written, second.Written);
        using DigitCalibrator.Legacy cut = new() { Histograms = first.Histograms, RegressionCutoff = 0.5 };
        OnnxLeNet.Plan(test, config => Configure(config, cut));
        Assert.All(Scales(cut).Zip(Scales(first)), pair => Assert.True(pair.First <= pair.Second && pair.First > 0));
        Assert.NotEqual(Scales(cut), Scales(first));
    }

    [Fact]
    public void ACacheSparesTheBatches()
    {
        using TestEngine test = new();
        using DigitCalibrator calibrator = DigitCalibrator.Of("minmax");
        calibrator.Cache = Golden("minmax");
        OnnxLeNet.Plan(test, config => Configure(config, calibrator));
        Assert.Empty(calibrator.Asked);
        Assert.Empty(calibrator.Written);
        Assert.Empty(test.Log.Errors);
    }

    [Theory]
    [InlineData("entropy2", "written by EntropyCalibration2")]
    [InlineData("legacy", "written by LegacyCalibration")]
    [InlineData(null, "cannot be read")]
    public void AnotherAlgorithmsCacheOrADamagedOneIsNotUsed(string? kind, string warning)
    {
        using TestEngine test = new();
        using DigitCalibrator calibrator = DigitCalibrator.Of("minmax");
        calibrator.Cache = kind is null ? "TRT-8600-MinMaxCalibration\ndata: nonsense\n"u8.ToArray() : Golden(kind);
        OnnxLeNet.Plan(test, config => Configure(config, calibrator));
        Assert.Equal(10, calibrator.Given);
        Assert.Contains(test.Log.Lines, line => line.Severity == Severity.Warning && line.Text.Contains(warning, StringComparison.Ordinal));
    }

    [Fact]
    public void NoBatchAnotherModelsCacheAndNothingAtAllAreRefused()
    {
        using TestEngine test = new();
        using DigitCalibrator none = DigitCalibrator.Of("entropy2");
        none.Batches = 0;
        using DigitCalibrator other = DigitCalibrator.Of("entropy2");
        other.Cache = "TRT-8600-EntropyCalibration2\nimage: 3c010a14\n"u8.ToArray();
        foreach (DigitCalibrator? calibrator in (DigitCalibrator?[])[none, other, null])
        {
            TensorRtException error = Assert.Throws<TensorRtException>(() => OnnxLeNet.Plan(test, config => Configure(config, calibrator)));
            Assert.Contains("Error Code 4: Internal Error (Calibration failure: no scaling factors were found", error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(none.Written);
    }

    [Fact]
    public void ACalibratorThatThrowsOrGivesNoMemoryIsNamed()
    {
        using TestEngine test = new();
        using Broken broken = new();
        TensorRtException error = Assert.Throws<TensorRtException>(() => OnnxLeNet.Plan(test, config => Configure(config, broken)));
        Assert.Contains(TestLibrary.IsDirect ? "IInt8Calibrator.GetBatch threw InvalidOperationException: no images" : "a callback threw InvalidOperationException (no images)", error.Message, StringComparison.Ordinal);
        broken.Throws = false;
        error = Assert.Throws<TensorRtException>(() => OnnxLeNet.Plan(test, config => Configure(config, broken)));
        Assert.Contains("no address for input data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheCalibrationProfileDecidesTheBatch()
    {
        using TestEngine test = new();
        using DigitCalibrator calibrator = DigitCalibrator.Of("minmax");
        calibrator.Batches = 1;
        OnnxLeNet.Plan(test, config =>
        {
            IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
            foreach (OptProfileSelector point in Enum.GetValues<OptProfileSelector>())
            {
                profile.SetDimensions("data", point, [OnnxLeNet.Digits, 1, 28, 28]);
            }

            config.CalibrationProfile = profile;
            Configure(config, calibrator);
        });
        Assert.All(Scales(calibrator).Zip(CalibrationCache.Read(Golden("minmax")).Scales), pair => Assert.Equal(1, pair.First / pair.Second.Scale, 1e-4));
    }

    internal static byte[] Golden(string kind) => File.ReadAllBytes(Checkout.Path("tests", "goldens", $"lenet_{kind}.cache"));

    internal static void Configure(IBuilderConfig config, IInt8Calibrator? calibrator)
    {
        config.SetFlag(BuilderFlag.Int8);
        config.Int8Calibrator = calibrator;
    }

    private static float[] Scales(DigitCalibrator calibrator) => [.. CalibrationCache.Read(Encoding.UTF8.GetBytes(calibrator.Written)).Scales.Select(entry => entry.Scale)];

    private sealed class Broken : DigitCalibrator, IInt8EntropyCalibrator2
    {
        public bool Throws { get; set; } = true;

        public override CalibrationAlgoType Algorithm => CalibrationAlgoType.EntropyCalibration2;

        public override bool GetBatch(Span<nint> bindings, ReadOnlySpan<string> names) => Throws ? throw new InvalidOperationException("no images") : true;
    }
}
