using Trt.Generator.Model;
using Xunit;

namespace Trt.Generator.Tests;

/// <summary>How many classes, methods and enumerations each release has, against counts taken from the headers by other means.</summary>
public sealed class ExtractedCountTests
{
    /// <summary>Interface methods are counted per vtable (inherited ones too); the root of the wrappers counts as an interface without methods.</summary>
    [Theory]
    [InlineData("8.6.1", 72, 642, 70, 645, 19, 160, 51, 17, 0)]
    [InlineData("10.0.1", 72, 605, 70, 597, 33, 252, 53, 17, 7)]
    [InlineData("10.1", 72, 612, 70, 604, 33, 252, 53, 21, 7)]
    [InlineData("10.2", 72, 617, 70, 609, 33, 252, 54, 21, 7)]
    [InlineData("10.3", 72, 619, 70, 611, 34, 266, 54, 21, 7)]
    [InlineData("10.4", 72, 621, 70, 613, 34, 266, 54, 21, 7)]
    [InlineData("10.5", 72, 621, 70, 613, 34, 266, 54, 21, 7)]
    [InlineData("10.6", 72, 622, 70, 614, 34, 266, 54, 21, 7)]
    [InlineData("10.7", 74, 625, 72, 617, 35, 270, 55, 21, 7)]
    [InlineData("10.8", 76, 648, 74, 640, 35, 270, 57, 21, 7)]
    [InlineData("10.9", 76, 648, 74, 640, 35, 270, 57, 21, 7)]
    [InlineData("10.10", 76, 648, 74, 640, 35, 271, 57, 21, 7)]
    [InlineData("10.11", 77, 657, 75, 648, 35, 271, 57, 21, 7)]
    [InlineData("10.12", 77, 661, 75, 652, 35, 271, 57, 21, 7)]
    [InlineData("10.13", 77, 665, 75, 656, 36, 274, 57, 24, 10)]
    [InlineData("10.14", 81, 696, 79, 687, 36, 274, 59, 24, 10)]
    [InlineData("10.15", 83, 717, 81, 707, 36, 274, 60, 25, 10)]
    [InlineData("10.16", 85, 744, 83, 734, 36, 274, 62, 25, 10)]
    [InlineData("11.0", 81, 697, 79, 687, 30, 227, 61, 23, 10)]
    [InlineData("11.1", 81, 700, 79, 690, 30, 227, 61, 23, 10)]
    public void CountsAreThoseOfTheHeaders(
        string release, int implementations, int implementationMethods, int wrappers, int wrapperMethods, int interfaces, int interfaceMethods,
        int enums, int parserSlots, int refitterSlots)
    {
        ApiModel model = ExtractedModels.TensorRt(release);
        List<ClassModel> core = [.. model.Classes.Where(item => item.Name.StartsWith("nvinfer1::", StringComparison.Ordinal))];
        List<ClassModel> impl = core.FindAll(item => item.Kind == ClassKind.Impl);
        List<ClassModel> wrapper = core.FindAll(item => item.Kind == ClassKind.Wrapper && item.Name != "nvinfer1::INoCopy");
        List<ClassModel> callable = core.FindAll(item => item.Kind == ClassKind.Interface);

        Assert.Equal((implementations, implementationMethods), (impl.Count, impl.Sum(item => item.Methods.Count)));
        Assert.Equal((wrappers, wrapperMethods), (wrapper.Count, wrapper.Sum(item => item.Methods.Count)));
        Assert.Equal((interfaces, interfaceMethods), (callable.Count + 1, callable.Sum(item => TableMethods(model, item))));
        Assert.Equal(enums, model.Enums.Count(item => item.Name.StartsWith("nvinfer1::", StringComparison.Ordinal)));
        Assert.Equal(parserSlots, TableMethods(model, model.Class("IParser")) + 2);
        Assert.Equal(refitterSlots, model.Classes.Where(item => item.Name == "nvonnxparser::IParserRefitter").Sum(item => TableMethods(model, item) + 2));
    }

    [Fact]
    public void EveryReleaseHasAModel()
    {
        string[] expected =
        [
            .. ExtractedModels.TensorRtReleases.Select(release => $"tensorrt-{release}.json"),
            "tensorrt-rtx-1.3.json", "tensorrt-rtx-1.4.json", "tensorrt-rtx-1.5.json", "tensorrt-rtx-1.6.json", "onnxruntime-1.29.json",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), Directory.EnumerateFiles(ExtractedModels.Folder, "*.json").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("8.5.3", 8503)]
    [InlineData("8.6.0", 8600)]
    [InlineData("8.6.1", 8601)]
    [InlineData("10.0.1", 100001)]
    [InlineData("10.6", 100600)]
    [InlineData("10.8", 100800)]
    [InlineData("10.14", 101401)]
    [InlineData("10.15", 101501)]
    [InlineData("10.16", 101600)]
    [InlineData("11.1", 110100)]
    public void VersionNumberIsTheLibrarysAnswer(string release, int number) => Assert.Equal(number, ExtractedModels.TensorRt(release).VersionNumber);

    [Fact]
    public void RtxVersionNumberFollowsItsOwnVersion()
    {
        Assert.Equal((10601, "1.6.1.120"), (ExtractedModels.Rtx("1.6").VersionNumber, ExtractedModels.Rtx("1.6").Version));
        Assert.Equal("1.3.0.35", ExtractedModels.Rtx("1.3").Version);
        Assert.Equal("1.4.0.76", ExtractedModels.Rtx("1.4").Version);
        Assert.Equal("1.5.0.114", ExtractedModels.Rtx("1.5").Version);
    }

    /// <summary>Every public method of every wrapper is one forwarding call, but 8.x's destroy(), which deletes.</summary>
    [Fact]
    public void EveryWrapperMethodForwards()
    {
        foreach (string release in ExtractedModels.TensorRtReleases)
        {
            ApiModel model = ExtractedModels.TensorRt(release);
            foreach (ClassModel type in model.Classes.Where(item => item.Kind == ClassKind.Wrapper))
            {
                foreach (MethodModel method in type.Methods)
                {
                    Assert.True(method.Calls is not null || (method.Name == "destroy" && method.Default == "delete"), $"{release}: {type.Name}::{method.Name}");
                    if (method.Calls is { } call)
                    {
                        Assert.Equal(call.Method, model.Classes.Single(item => item.Name == call.Class).Methods[call.Index].Name);
                    }
                }
            }
        }
    }

    private static int TableMethods(ApiModel model, ClassModel type)
    {
        HashSet<int> slots = [];
        for (ClassModel? current = type; current is not null; current = current.Base is null ? null : model.Classes.Single(item => item.Name == current.Base))
        {
            slots.UnionWith(current.Methods.Where(item => item.Linux is not null).Select(item => item.Linux!.Value));
        }
        return slots.Count;
    }
}
