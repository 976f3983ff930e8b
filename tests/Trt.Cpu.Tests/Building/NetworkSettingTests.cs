using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Building;

/// <summary>What networks, tensors, layers and profiles refuse, as TensorRT-RTX 1.6.1 answered.</summary>
public class NetworkSettingTests
{
    private static readonly OptProfileSelector[] Points = [OptProfileSelector.Min, OptProfileSelector.Opt, OptProfileSelector.Max];

    [Fact]
    public void NamesHaveAtMost4095Bytes()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [3]);
        ILayer layer = network.AddActivation(x, ActivationType.Relu);
        string fits = new('a', 4095);
        string longer = new('b', 4096);
        string before = network.Name;
        x.Name = layer.Name = network.Name = layer.Metadata = fits;
        x.Name = layer.Name = network.Name = layer.Metadata = longer;
        Assert.NotEqual(before, fits);
        Assert.Equal([fits, fits, fits, fits], [x.Name, layer.Name, network.Name, layer.Metadata]);
        Assert.Throws<TensorRtException>(() => network.AddInput(longer, DataType.Float, [3]));
        IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
        Assert.Throws<TensorRtException>(() => profile.SetDimensions(longer, OptProfileSelector.Min, [3]));
        x.SetDimensionName(0, longer);
        Assert.Null(x.GetDimensionName(0));
        Assert.Equal(
            ["ILayer::setMetadata", "INetworkDefinition::setName", "ILayer::setName", "ITensor::setName", "INetworkDefinition::addInput", "IOptimizationProfile::setDimensions", "ITensor::setDimensionName"],
            test.Log.Errors.Select(line => line[..line.IndexOf(": Error Code 3: API Usage Error (", StringComparison.Ordinal)]));
    }

    [Fact]
    public void LayersHaveNamesOfTheirOwn()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ILayer first = network.AddActivation(network.AddInput("x", DataType.Float, [3]), ActivationType.Relu);
        ILayer second = network.AddActivation(first.GetOutput(0), ActivationType.Relu);
        first.Name = "a";
        second.Name = "a";
        Assert.Equal("(Unnamed Layer* 1) [Activation]", second.Name);
        Assert.StartsWith("ILayer::setName: Error Code 3: API Usage Error", test.Log.Errors.Single(), StringComparison.Ordinal);
        first.Name = "b";
        second.Name = "a";
        Assert.Equal(["b", "a"], [first.Name, second.Name]);
    }

    [Fact]
    public void TensorsInUseStay()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [3]);
        ITensor unused = network.AddInput("u", DataType.Float, [3]);
        ITensor y = network.AddActivation(x, ActivationType.Relu).GetOutput(0);
        network.MarkOutput(y);
        network.RemoveTensor(x);
        network.RemoveTensor(y);
        network.RemoveTensor(unused);
        Assert.Equal((1, 1), (network.NbInputs, network.NbOutputs));
        Assert.Equal(2, test.Log.Errors.Count(line => line.StartsWith("INetworkDefinition::removeTensor: Error Code 4: API Usage Error", StringComparison.Ordinal)));
    }

    [Fact]
    public void FormatsAreForInputsAndOutputs()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [2, 3]);
        ITensor y = network.AddActivation(x, ActivationType.Relu).GetOutput(0);
        Mask<TensorFormat> all = y.AllowedFormats;
        y.AllowedFormats = [TensorFormat.CHW4];
        Assert.Equal(all, y.AllowedFormats);
        Assert.Equal(Severity.Warning, test.Log.Lines.Last().Severity);
        network.MarkOutput(y);
        y.AllowedFormats = [TensorFormat.CHW4];
        ITensor shape = network.AddShape(x).GetOutput(0);
        network.MarkOutputForShapes(shape);
        shape.AllowedFormats = [TensorFormat.CHW4];
        Assert.Equal<Mask<TensorFormat>>([TensorFormat.CHW4], y.AllowedFormats);
        Assert.Equal<Mask<TensorFormat>>([TensorFormat.Linear], shape.AllowedFormats);
    }

    [Fact]
    public void OutputsStandInTheOrderOfMarking()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [2, 3]);
        ITensor shape = network.AddShape(x).GetOutput(0);
        ITensor y = network.AddActivation(x, ActivationType.Relu).GetOutput(0);
        network.MarkOutputForShapes(shape);
        network.MarkOutput(y);
        network.MarkOutput(shape);
        Assert.Equal([shape, y], [network.GetOutput(0), network.GetOutput(1)]);
        Assert.Equal(2, network.NbOutputs);
        Assert.Contains("Error Code 4: API Usage Error", Assert.Throws<TensorRtException>(() => network.MarkOutputForShapes(shape)).Message, StringComparison.Ordinal);
        network.UnmarkOutputForShapes(shape);
        Assert.True(shape.IsNetworkOutput);
        Assert.Contains("Error Code 3: API Usage Error", Assert.Throws<TensorRtException>(() => network.UnmarkOutputForShapes(shape)).Message, StringComparison.Ordinal);
        network.UnmarkOutput(shape);
        network.UnmarkOutput(shape);
        Assert.StartsWith("INetworkDefinition::unmarkOutput: Error Code 3: API Usage Error", test.Log.Errors.Last(), StringComparison.Ordinal);
        Assert.Same(y, network.GetOutput(0));
        network.MarkOutputForShapes(y);
        Assert.Contains("Error Code 4: API Usage Error (Output shape tensor", Assert.Throws<TensorRtException>(() => test.Plan(network)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DimensionsBeyondTheRankHaveNoNames()
    {
        using TestEngine test = new();
        ITensor x = test.Network().AddInput("x", DataType.Float, [-1, 3]);
        x.SetDimensionName(2, "n");
        Assert.Null(x.GetDimensionName(2));
        Assert.Null(x.GetDimensionName(1));
        Assert.Equal(2, test.Log.Errors.Count());
        x.SetDimensionName(1, "n");
        Assert.Equal("n", x.GetDimensionName(1));
    }

    /// <summary>x and y have one dimension of one name: the usual extents must be equal, the ranges need not be.</summary>
    [Theory]
    [InlineData(-1, 1, 2, 3, 2, 2, 5, true)]
    [InlineData(-1, 1, 2, 3, 1, 3, 3, false)]
    [InlineData(4, 1, 2, 3, 4, 4, 4, true)]
    public void NamedDimensionsAgreeAtTheUsualPoint(int extentOfY, int min, int opt, int max, int minY, int optY, int maxY, bool builds)
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [-1]);
        ITensor y = network.AddInput("y", DataType.Float, [extentOfY]);
        x.SetDimensionName(0, "n");
        y.SetDimensionName(0, "n");
        network.MarkOutput(network.AddElementWise(x, y, ElementWiseOperation.Sum).GetOutput(0));
        void Ranges(IBuilderConfig config)
        {
            IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
            Set(profile, "x", min, opt, max);
            Set(profile, "y", minY, optY, maxY);
            config.AddOptimizationProfile(profile);
        }

        if (!builds)
        {
            Assert.Contains("Dimensions with name n must be equal. Condition '==' violated: 2 != 3.", Assert.Throws<TensorRtException>(() => test.Plan(network, Ranges)).Message, StringComparison.Ordinal);
            return;
        }

        using IExecutionContext context = test.Load(test.Plan(network, Ranges)).CreateExecutionContext();
        Assert.DoesNotContain(test.Log.Lines, line => line.Severity == Severity.Warning);
        context.SetInputShape("x", [3]);
        context.SetInputShape("y", [extentOfY < 0 ? 2 : 4]);
        Assert.Contains($"Dimensions with name n must be equal. Condition '==' violated: {(extentOfY < 0 ? "3 != 2" : "4 != 3")}.", Assert.Throws<TensorRtException>(() => context.InferShapes()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ProfilesAreCheckedAgainByTheBuild()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        network.MarkOutput(network.AddActivation(network.AddInput("x", DataType.Float, [-1]), ActivationType.Relu).GetOutput(0));
        IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
        Set(profile, "x", 1, 2, 1L << 41);
        test.Plan(network, config => config.AddOptimizationProfile(profile));
        Assert.Contains("tensor volume exceeds 1099511627776", test.Log.Lines.Single(line => line.Severity == Severity.Warning).Text, StringComparison.Ordinal);
        Assert.Contains("Error Code 4: API Usage Error (Optimization profile 0 is invalid", Assert.Throws<TensorRtException>(() => test.Plan(network, config =>
        {
            config.AddOptimizationProfile(profile);
            profile.SetDimensions("x", OptProfileSelector.Max, [1]);
        })).Message, StringComparison.Ordinal);
    }

    private static void Set(IOptimizationProfile profile, string name, params ReadOnlySpan<long> extents)
    {
        for (int i = 0; i < extents.Length; i++)
        {
            profile.SetDimensions(name, Points[i], [extents[i]]);
        }
    }
}
