using Trt.Interop.NvOnnxParser;
using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.WrongUse;

/// <summary>Null where an object or a name must be.</summary>
[Collection(RtxCollection.Name)]
public sealed class NullArgumentTests
{
    [SkippableFact]
    public void Null_is_named_by_the_exception()
    {
        TensorRtLibrary library = BuilderLibrary.Load();
        using SmallNetwork small = new(library);
        using INetworkDefinition empty = small.Builder.CreateNetworkV2(BuilderLibrary.Flags(small.Library));
        using IParser parser = library.CreateParser(empty, new CollectingLogger());
        (string Name, Action Call)[] calls =
        [
            ("logger", () => library.CreateInferBuilder(null!)),
            ("logger", () => library.CreateInferRuntime(null!)),
            ("network", () => library.CreateParser(null!, new CollectingLogger())),
            ("logger", () => library.CreateParser(small.Network, null!)),
            ("engine", () => library.CreateInferRefitter(null!, new CollectingLogger())),
            ("network", () => small.Builder.BuildSerializedNetwork(null!, small.Config)),
            ("config", () => small.Builder.BuildSerializedNetwork(small.Network, null!)),
            ("name", () => small.Network.AddInput(null!, DataType.Float, [1])),
            ("input", () => small.Network.AddActivation(null!, ActivationType.Relu)),
            ("input2", () => small.Network.AddElementWise(small.Input, null!, ElementWiseOperation.Sum)),
            ("inputs", () => small.Network.AddConcatenation([small.Input, null!])),
            ("tensor", () => small.Network.MarkOutput(null!)),
            ("tensor", () => small.Layer.SetInput(0, null!)),
            ("value", () => small.Layer.Name = null!),
            ("value", () => small.Output.Name = null!),
            ("profile", () => small.Config.AddOptimizationProfile(null!)),
            ("opName", () => parser.SupportsOperator(null!)),
            ("onnxModelFile", () => parser.ParseFromFile(null!, 0)),
        ];

        foreach ((string name, Action call) in calls)
        {
            ArgumentNullException exception = Assert.Throws<ArgumentNullException>(call);
            Assert.Equal(name, exception.ParamName);
        }

        Assert.True(small.Build() > 0);
    }

    [SkippableFact]
    public void Null_takes_optional_callbacks_away()
    {
        using SmallNetwork small = new(BuilderLibrary.Load());
        small.Builder.ErrorRecorder = null;
        small.Builder.SetGpuAllocator(null);
        small.Config.ProgressMonitor = null;
        Assert.Null(small.Config.ProgressMonitor);
        Assert.True(small.Build() > 0);
    }
}
