using Trt.Generator.Extract;
using Trt.Generator.Model;
using Xunit;

namespace Trt.Generator.Tests;

/// <summary>Extraction of a small API whose model is worked out by hand.</summary>
public sealed class ExtractSampleTests
{
    [SkippableFact]
    public void TheWholeModel()
    {
        using ExtractSampleHeaders headers = new();
        ApiModel model = new ExtractRequest("tensorrt", "10.17", [headers.Folder], "tag", []).Extract(ExtractClang.OrSkip());

        Assert.Equal(("10.17.2.5", 101702), (model.Version, model.VersionNumber));
        Assert.Equal([new EnumMember("kRED", 0), new("kGREEN", 4), new("kBLUE", 5), new("kAZURE", 5)], model.Enum("nvinfer1::Color").Members);
        StructModel box = model.Struct("Box");
        Assert.Equal((40, 8), (box.Size, box.Align));
        Assert.Equal([new FieldModel("count", "int32_t", 0), new("sides", "int64_t[3]", 8), new("name", "char const*", 32)], box.Fields);
        Assert.Equal(
            new Dictionary<string, string> { ["nvinfer1::Colors"] = "uint32_t", ["nvinfer1::IListener"] = "nvinfer1::v_1_0::IListener" },
            model.Aliases);
        Assert.Equal(["nvinfer makeThing(nvinfer1::IListener&, int32_t)", "nvinfer_plugin initThings(void*, char const*)"],
            model.Functions.Select(item => $"{item.Library} {item.Name}({string.Join(", ", item.Parameters.Select(parameter => parameter.Type))})"));
    }

    /// <summary>A system's header folder holds much else; what it has under the names of clang's own headers is not taken.</summary>
    [SkippableFact]
    public void AFolderWithForeignHeaders()
    {
        ClangCompiler clang = ExtractClang.OrSkip();
        using ExtractSampleHeaders headers = new();
        string expected = ApiModelWriter.Write(new ExtractRequest("tensorrt", "10.17", [headers.Folder], "tag", []).Extract(clang));
        foreach (string name in new[] { "stdint.h", "stddef.h", "cstdint", "cuda_runtime_api.h" })
        {
            headers.Write(name, "#error taken from the wrong folder\n");
        }
        Assert.Equal(expected, ApiModelWriter.Write(new ExtractRequest("tensorrt", "10.17", [headers.Folder], "tag", []).Extract(clang)));
    }

    [SkippableFact]
    public void OverloadsOnWindowsAreReversed()
    {
        using ExtractSampleHeaders headers = new();
        ApiModel model = new ExtractRequest("tensorrt", "10.17", [headers.Folder], "tag", []).Extract(ExtractClang.OrSkip());
        ClassModel thing = model.Implementation("VThing");
        Assert.Equal(ClassKind.Impl, thing.Kind);
        Assert.Equal((2, 1), thing.Slot("measure"));
        Assert.Equal((3, 3), thing.Slot("paint", 1));
        Assert.Equal((4, 2), thing.Slot("paint", 2));
        Assert.Equal((5, 4), thing.Slot("close"));
        Assert.Equal(new DestructorModel("public", 0, 1, 0), thing.Destructor);
        Assert.False(thing.Methods.Single(item => item.Name == "close").IsNoexcept);
    }

    [SkippableFact]
    public void WrappersForward()
    {
        using ExtractSampleHeaders headers = new();
        ApiModel model = new ExtractRequest("tensorrt", "10.17", [headers.Folder], "tag", []).Extract(ExtractClang.OrSkip());
        ClassModel thing = model.Class("IThing");
        Assert.Equal((ClassKind.Wrapper, 16), (thing.Kind, thing.Size));
        Assert.Equal(new FieldModel("mImpl", "nvinfer1::apiv::VThing*", 8), Assert.Single(thing.Fields));
        Assert.Equal("protected", model.Class("INoCopy").Destructor!.Access);
        MethodModel paint = thing.Methods.Single(item => item.Name == "paint");
        Assert.Equal(new CallModel("mImpl", "nvinfer1::apiv::VThing", "paint", 1), paint.Calls);
        Assert.Equal("nvinfer1::Color::kGREEN", Assert.Single(paint.Parameters).Default);
        MethodModel all = thing.Methods.Single(item => item.Name == "paintAll");
        Assert.True(all.IsDeprecated);
        Assert.Equal((2, "7 1"), (all.Calls!.Index, string.Join(' ', all.Calls.Arguments!)));
    }

    [SkippableFact]
    public void InterfacesHaveDefaultBodies()
    {
        using ExtractSampleHeaders headers = new();
        ApiModel model = new ExtractRequest("tensorrt", "10.17", [headers.Folder], "tag", []).Extract(ExtractClang.OrSkip());
        ClassModel listener = model.Class("IListener");
        Assert.Equal(ClassKind.Interface, listener.Kind);
        Assert.Equal([null, "-3", "calls:limit2", "true"], listener.Methods.Select(item => item.Default));
        Assert.Equal([true, false, false, false], listener.Methods.Select(item => item.IsPure));
        Assert.Equal(["char const*", "nvinfer1::IThing* const*", "int32_t"], listener.Methods[0].Parameters.Select(item => item.Type));
        Assert.Equal(new DestructorModel("public", 4, 5, 4), listener.Destructor);
    }
}
