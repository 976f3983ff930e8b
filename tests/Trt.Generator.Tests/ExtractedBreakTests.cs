using Trt.Generator.Model;
using Xunit;

namespace Trt.Generator.Tests;

/// <summary>What changes between releases: the one break inside 10.x, what 11.0 removed, what 8.6 moved.</summary>
public sealed class ExtractedBreakTests
{
    private static readonly string[] Ten = ["10.0.1", .. Enumerable.Range(1, 16).Select(minor => $"10.{minor}")];

    public static TheoryData<string, string> Steps()
    {
        TheoryData<string, string> steps = [];
        foreach ((string before, string after) in Ten.Zip(Ten.Skip(1)))
        {
            steps.Add(before, after);
        }
        return steps;
    }

    /// <summary>Every class keeps every slot from one 10.x release to the next, on both systems; only VNetworkDefinition of 10.8 does not.</summary>
    [Theory]
    [MemberData(nameof(Steps))]
    public void TenOnlyAppends(string before, string after)
    {
        ApiModel newer = ExtractedModels.TensorRt(after);
        List<string> broken = [];
        foreach (ClassModel old in ExtractedModels.TensorRt(before).Classes.Where(item => item.Kind != ClassKind.Wrapper))
        {
            Dictionary<string, (int?, int?)> slots = Slots(newer.Classes.Single(item => item.Name == old.Name));
            if (!Slots(old).All(pair => slots.TryGetValue(pair.Key, out (int?, int?) slot) && slot == pair.Value))
            {
                broken.Add(old.Name);
            }
        }
        Assert.Equal((before, after) is ("10.7", "10.8") or ("10.8", "10.9") ? ["nvinfer1::apiv::VNetworkDefinition"] : [], broken);
    }

    [Fact]
    public void NetworkOf108HasOneMethodInserted()
    {
        ClassModel before = ExtractedModels.TensorRt("10.7").Implementation("VNetworkDefinition");
        ClassModel during = ExtractedModels.TensorRt("10.8").Implementation("VNetworkDefinition");
        ClassModel after = ExtractedModels.TensorRt("10.9").Implementation("VNetworkDefinition");
        Assert.Equal((63, 62), during.Slot("addCumulative"));
        Assert.Equal((78, 77), during.Slot("addDynamicQuantize"));
        Assert.Equal((63, 62), before.Slot("getBuilder"));
        Assert.Equal((64, 63), during.Slot("getBuilder"));
        Assert.Equal((76, 75), before.Slot("addUnsqueeze"));
        Assert.Equal((77, 76), during.Slot("addUnsqueeze"));
        Assert.Equal((76, 75), after.Slot("addUnsqueeze"));
        Assert.Equal((77, 76), after.Slot("addDynamicQuantize"));
        Assert.Equal((78, 77), after.Slot("addCumulative"));
    }

    [Theory]
    [InlineData("VRuntime", 24, 23, new[] { 4 })]
    [InlineData("VRefitter", 27, 23, new[] { 7, 8, 9, 10 })]
    [InlineData("VOptimizationProfile", 12, 10, new[] { 4, 6 })]
    [InlineData("VCudaEngine", 59, 51, new[] { 6, 7, 11, 15, 41, 43, 44, 45 })]
    [InlineData("VExecutionContext", 54, 53, new[] { 13 })]
    [InlineData("VTensor", 25, 19, new[] { 6, 8, 15, 16, 17, 18 })]
    [InlineData("VLayer", 22, 15, new[] { 10, 11, 12, 13, 14, 16, 17 })]
    [InlineData("VNormalizationLayer", 11, 9, new[] { 8, 9 })]
    [InlineData("VNetworkDefinition", 91, 89, new[] { 44, 49, 50 })]
    [InlineData("VBuilderConfig", 68, 60, new[] { 6, 7, 29, 30, 31, 32, 33, 34, 35, 36, 37 })]
    [InlineData("VBuilder", 23, 20, new[] { 2, 3, 13 })]
    [InlineData("VAttention", 25, 35, new int[0])]
    [InlineData("VKVCacheUpdateLayer", 4, 8, new int[0])]
    public void ElevenDeletesRowsAndAppends(string type, int slots10, int slots11, int[] gone)
    {
        ClassModel ten = ExtractedModels.TensorRt("10.16").Implementation(type);
        ClassModel eleven = ExtractedModels.TensorRt("11.1").Implementation(type);
        Assert.Equal((slots10, slots11), (ten.Methods.Count + 2, eleven.Methods.Count + 2));
        IReadOnlyList<string> after = eleven.Order();
        Assert.Equal(gone, ten.Methods.Where(item => !after.Contains(ExtractedModels.Signature(item))).Select(item => item.Linux!.Value).Order());
        Assert.Equal(ten.Order().Where(after.Contains), after.Take(slots10 - 2 - gone.Length));
    }

    [Fact]
    public void SixtyEightImplementationsAreTheSameInEleven()
    {
        ApiModel eleven = ExtractedModels.TensorRt("11.0");
        int same = ExtractedModels.TensorRt("10.16").Classes
            .Where(item => item.Kind == ClassKind.Impl)
            .Count(old => eleven.Classes.SingleOrDefault(item => item.Name == old.Name) is { } now
                && Slots(old).OrderBy(pair => pair.Key, StringComparer.Ordinal).SequenceEqual(Slots(now).OrderBy(pair => pair.Key, StringComparer.Ordinal))
                && old.Methods.Zip(now.Methods).All(pair => pair.First.Returns == pair.Second.Returns));
        Assert.Equal(68, same);
    }

    [Fact]
    public void SetMaxAuxStreamsAnswersInEleven()
    {
        Assert.Equal("void", ExtractedModels.TensorRt("10.16").Implementation("VBuilderConfig").Methods.Single(item => item.Name == "setMaxAuxStreams").Returns);
        Assert.Equal("bool", ExtractedModels.TensorRt("11.0").Implementation("VBuilderConfig").Methods.Single(item => item.Name == "setMaxAuxStreams").Returns);
    }

    [Fact]
    public void ElevenOneAppendsThreeBuildRoutes()
    {
        ApiModel older = ExtractedModels.TensorRt("11.0");
        foreach (ClassModel type in ExtractedModels.TensorRt("11.1").Classes)
        {
            string[] added = [.. type.Methods.Select(item => item.Name).Except(older.Classes.Single(item => item.Name == type.Name).Methods.Select(item => item.Name))];
            Assert.Equal(type.Name is "nvinfer1::apiv::VBuilderConfig" or "nvinfer1::IBuilderConfig" ? ["setBuildRoute", "getBuildRoute", "getAllBuildRoutes"] : [], added);
        }
    }

    /// <summary>8.6.1 moved what 8.6.0 had inserted to the ends.</summary>
    [Fact]
    public void EightSixZeroAndOneDiffer()
    {
        ApiModel zero = ExtractedModels.TensorRt("8.6.0"), one = ExtractedModels.TensorRt("8.6.1");
        Assert.Equal(16, zero.Class("IParser").Slot("getUsedVCPluginLibraries").Linux);
        Assert.Equal(11, one.Class("IParser").Slot("getUsedVCPluginLibraries").Linux);
        Assert.Equal([9, 10, 11, 12, 13], Flags(zero));
        Assert.Equal([12, 13, 14, 15, 16], Flags(one));
        Assert.Equal(zero.Implementation("VCudaEngine").Methods.Count + 5, one.Implementation("VCudaEngine").Methods.Count);
        string[] added = [.. one.Class("IPluginRegistry").Methods.Select(item => item.Name).Except(ExtractedModels.TensorRt("8.5.3").Class("IPluginRegistry").Methods.Select(item => item.Name))];
        Assert.Equal(4, added.Length);
        Assert.Equal(3, added.Min(name => zero.Class("IPluginRegistry").Slot(name).Linux));
        Assert.Equal(added, one.Class("IPluginRegistry").Order().TakeLast(4).Select(text => text[..text.IndexOf('(', StringComparison.Ordinal)]));

        static IEnumerable<int> Flags(ApiModel model) => model.Class("IParser").Methods
            .Where(item => item.Name is "setFlags" or "getFlags" or "setFlag" or "clearFlag" or "getFlag").Select(item => item.Linux!.Value).Order();
    }

    private static Dictionary<string, (int?, int?)> Slots(ClassModel type) =>
        type.Methods.Where(item => item.Linux is not null).ToDictionary(item => ExtractedModels.Signature(item) + item.IsConst, item => (item.Linux, item.Msvc));
}
