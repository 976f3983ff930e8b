using Trt.Generator.Model;
using Xunit;

namespace Trt.Generator.Tests;

/// <summary>Vtable slots of chosen methods and destructors, against values written down from compiler dumps before the extractor existed.</summary>
public sealed class ExtractedSlotTests
{
    [Theory]
    [InlineData("VCudaEngine", "getNbIOTensors", 0, 30, 29, 26, 25)]
    [InlineData("VExecutionContext", "setTensorAddress", 2, 24, 23, 23, 22)]
    [InlineData("VExecutionContext", "enqueueV3", 1, 37, 36, 36, 35)]
    [InlineData("VBuilder", "createNetworkV2", 1, 8, 7, 6, 5)]
    [InlineData("VBuilder", "buildSerializedNetwork", 2, 14, 13, 11, 10)]
    [InlineData("VBuilderConfig", "setFlag", 1, 11, 10, 9, 8)]
    [InlineData("VTensor", "getDimensions", 0, 5, 4, 5, 4)]
    [InlineData("VLayer", "getType", 0, 2, 1, 2, 1)]
    public void SlotsOf1016And111(string type, string method, int parameters, int linux10, int msvc10, int linux11, int msvc11)
    {
        Assert.Equal((linux10, msvc10), ExtractedModels.TensorRt("10.16").Implementation(type).Slot(method, parameters));
        Assert.Equal((linux11, msvc11), ExtractedModels.TensorRt("11.1").Implementation(type).Slot(method, parameters));
    }

    [Fact]
    public void CreateExecutionContextByStrategy()
    {
        foreach (string release in new[] { "10.16", "11.1" })
        {
            MethodModel method = ExtractedModels.TensorRt(release).Implementation("VCudaEngine").Methods
                .Single(item => item.Name == "createExecutionContext" && item.Parameters is [{ Type: "nvinfer1::ExecutionContextAllocationStrategy" }]);
            Assert.Equal((5, 4), (method.Linux, method.Msvc));
        }
    }

    [Fact]
    public void MsvcReversesTheOverloadsOfDeserializeCudaEngine()
    {
        ClassModel ten = ExtractedModels.TensorRt("10.16").Implementation("VRuntime");
        Assert.Equal((3, 3), ten.Slot("deserializeCudaEngine", 2));
        Assert.Equal((4, 2), ten.Slot("deserializeCudaEngine", 1));
        Assert.Equal((3, 2), ExtractedModels.TensorRt("11.1").Implementation("VRuntime").Slot("deserializeCudaEngine", 2));
    }

    /// <summary>The whole registry of 10.x: Linux slot to Windows slot.</summary>
    [Fact]
    public void MsvcOrderOfThePluginRegistry()
    {
        Dictionary<int, int> expected = new()
        {
            [0] = 1, [1] = 2, [2] = 3, [5] = 5, [6] = 6, [7] = 8, [8] = 9, [9] = 10, [10] = 11, [11] = 12, [12] = 0, [13] = 13, [14] = 14, [15] = 7, [16] = 15, [17] = 16, [18] = 17,
        };
        ClassModel registry = ExtractedModels.TensorRt("10.16").Class("IPluginRegistry");
        Assert.Equal(expected, registry.Methods.ToDictionary(item => item.Linux!.Value, item => item.Msvc!.Value));
        Assert.Equal(new DestructorModel("protected", 3, 4, 4), registry.Destructor);
    }

    /// <summary>Where no virtual is overloaded, Windows has Linux's order less the second destructor slot. Overloads exist in 10.x alone.</summary>
    [Fact]
    public void OnlyTenHasMsvcGroups()
    {
        foreach (string release in ExtractedModels.TensorRtReleases)
        {
            List<string> moved = [.. ExtractedModels.TensorRt(release).Classes
                .Where(item => !item.Methods.Where(method => method.Linux is not null).OrderBy(method => method.Linux)
                    .SequenceEqual(item.Methods.Where(method => method.Linux is not null).OrderBy(method => method.Msvc)))
                .Select(item => item.Name)];
            Assert.Equal(release.StartsWith("10.", StringComparison.Ordinal) ? ["nvinfer1::IPluginRegistry", "nvinfer1::apiv::VRuntime"] : [], moved.Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("10.16", "IRuntime", "public", 0, 1, 0)]
    [InlineData("10.16", "ITensor", "protected", 0, 1, 0)]
    [InlineData("10.16", "IErrorRecorder", "protected", 2, 3, 2)]
    [InlineData("10.16", "ILogger", "protected", 1, 2, 1)]
    [InlineData("10.16", "IProfiler", "protected", 1, 2, 1)]
    [InlineData("10.16", "IParser", "public", 8, 9, 8)]
    [InlineData("10.16", "IParserRefitter", "public", 5, 6, 5)]
    [InlineData("10.16", "IParserError", "protected", 10, 11, 10)]
    [InlineData("10.16", "IPluginV2", "protected", 17, 18, 17)]
    [InlineData("11.1", "ILogger", "protected", 2, 3, 2)]
    [InlineData("11.1", "IParser", "public", 6, 7, 6)]
    [InlineData("11.1", "IPluginRegistry", "protected", 0, 1, 0)]
    [InlineData("8.6.1", "ILogger", "protected", 1, 2, 1)]
    [InlineData("8.6.1", "IErrorRecorder", "protected", 0, 1, 0)]
    [InlineData("8.6.1", "IGpuAllocator", "protected", 2, 3, 2)]
    [InlineData("8.6.1", "IOutputAllocator", "protected", 3, 4, 3)]
    [InlineData("8.6.1", "IParser", "public", 9, 10, 9)]
    [InlineData("8.6.0", "IParser", "public", 14, 15, 14)]
    [InlineData("8.5.3", "IParser", "public", 9, 10, 9)]
    public void Destructors(string release, string type, string access, int complete, int deleting, int msvc)
    {
        DestructorModel destructor = ExtractedModels.TensorRt(release).Class(type).Destructor!;
        Assert.Equal((complete, deleting, msvc), (destructor.LinuxComplete, destructor.LinuxDeleting, destructor.Msvc));
        if (access == "public" || type is "ITensor" or "IPluginRegistry" or "IParserError")
        {
            Assert.Equal(access, destructor.Access);
        }
    }

    [Theory]
    [InlineData("10.16", "ILogger", "log", 0, 0)]
    [InlineData("11.1", "ILogger", "log", 4, 3)]
    [InlineData("10.16", "IProfiler", "reportLayerTime", 0, 0)]
    [InlineData("11.1", "IProfiler", "reportLayerTime", 4, 3)]
    [InlineData("10.16", "IErrorRecorder", "getNbErrors", 4, 3)]
    [InlineData("10.16", "IErrorRecorder", "decRefCount", 11, 10)]
    [InlineData("10.16", "IGpuAllocator", "allocate", 4, 3)]
    [InlineData("10.16", "IGpuAllocator", "deallocateAsync", 8, 7)]
    [InlineData("10.16", "IOutputAllocator", "notifyShape", 6, 5)]
    [InlineData("10.16", "IProgressMonitor", "phaseFinish", 6, 5)]
    [InlineData("10.16", "IStreamReaderV2", "seek", 5, 4)]
    [InlineData("10.16", "IStreamWriter", "write", 4, 3)]
    [InlineData("10.16", "IPluginV3OneBuild", "getMetadataString", 14, 13)]
    [InlineData("10.16", "v_2_0::IPluginV3OneBuild", "getAliasedInput", 15, 14)]
    [InlineData("10.16", "IPluginV3OneRuntime", "getFieldsToSerialize", 8, 7)]
    [InlineData("10.16", "IPluginCreatorV3One", "getPluginNamespace", 8, 7)]
    [InlineData("8.6.1", "ILogger", "log", 0, 0)]
    [InlineData("8.6.1", "IErrorRecorder", "decRefCount", 9, 8)]
    [InlineData("8.6.1", "IGpuAllocator", "reallocate", 4, 3)]
    [InlineData("8.6.1", "IParser", "destroy", 5, 5)]
    public void CallbackSlots(string release, string type, string method, int linux, int msvc) =>
        Assert.Equal((linux, msvc), ExtractedModels.TensorRt(release).Class(type).Slot(method));

    [Theory]
    [InlineData("1.3", 0, 8)]
    [InlineData("1.4", 0, 8)]
    [InlineData("1.5", 4, 6)]
    [InlineData("1.6", 4, 6)]
    public void RtxFollowsTenThenEleven(string release, int log, int parserDestructor)
    {
        ApiModel model = ExtractedModels.Rtx(release);
        Assert.Equal(log, model.Class("ILogger").Slot("log").Linux);
        Assert.Equal(parserDestructor, model.Class("IParser").Destructor!.LinuxComplete);
        Assert.Equal((4, 3), model.Class("IOutputAllocator").Slot("reallocateOutputAsync"));
        Assert.Equal((5, 4), model.Class("IOutputAllocator").Slot("notifyShape"));
        Assert.Equal(log == 4 ? "bool" : "void", model.Implementation("VBuilderConfig").Methods.Single(item => item.Name == "setMaxAuxStreams").Returns);
    }

    [Fact]
    public void RefitterObserverIsPlain()
    {
        ClassModel observer = ExtractedModels.Rtx("1.6").Class("IRefitterObserver");
        Assert.Equal((0, 1), (observer.Destructor!.LinuxComplete, observer.Destructor.LinuxDeleting));
        Assert.Equal(2, observer.Slot("onRefittableWeight").Linux);
    }
}
