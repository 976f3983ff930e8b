using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>Shapes of a run against the profile, and what is said when they do not fit.</summary>
public class ProfileTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    public void ShapeOutsideTheProfileIsRefusedWithBothRanges(int rows)
    {
        using TestEngine test = new();
        using IExecutionContext context = test.Load(test.DynamicRelu()).CreateExecutionContext();
        TensorRtException error = Assert.Throws<TensorRtException>(() => context.SetInputShape("x", [rows, 3]));
        Assert.Contains("IExecutionContext::setInputShape: Error Code 3: API Usage Error (", error.Message, StringComparison.Ordinal);
        Assert.Contains("does not satisfy any optimization profile", error.Message, StringComparison.Ordinal);
        Assert.Contains($"[{rows},3]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[1,3] to [4,3]", error.Message, StringComparison.Ordinal);
        Assert.Contains(Assert.Single(test.Log.Errors), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StaticDimensionMustStay()
    {
        using TestEngine test = new();
        using IExecutionContext context = test.Load(test.DynamicRelu()).CreateExecutionContext();
        Assert.Contains("Static dimension mismatch", Assert.Throws<TensorRtException>(() => context.SetInputShape("x", [2, 4])).Message, StringComparison.Ordinal);
        Assert.Contains("\"x\"", Assert.Throws<TensorRtException>(() => context.SetInputShape("x", [2])).Message, StringComparison.Ordinal);
        Assert.Contains("nobody", Assert.Throws<TensorRtException>(() => context.SetInputShape("nobody", [2, 3])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ShapesFollowFromWhatIsSet()
    {
        using TestEngine test = new();
        using IExecutionContext context = test.Load(test.DynamicRelu()).CreateExecutionContext();
        Assert.Equal(new Dims(-1, 3), context.GetTensorShape("y"));
        Assert.Equal(["x"], context.InferShapes());
        Assert.False(context.AllInputDimensionsSpecified());
        context.SetInputShape("x"u8, [2, 3]);
        Assert.Empty(context.InferShapes());
        Assert.Equal(new Dims(2, 3), context.GetTensorShape("y"));
        Assert.Equal(new Dims(3, 1), context.GetTensorStrides("y"));
        Assert.Equal(512, context.GetMaxOutputSize("y"));
        Assert.Contains("\"x\"", Assert.Throws<TensorRtException>(() => context.EnqueueV3(0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RunWithoutShapeNamesTheInput()
    {
        using TestEngine test = new();
        using IExecutionContext context = test.Load(test.DynamicRelu()).CreateExecutionContext();
        Assert.Contains("\"x\" has no shape yet", Assert.Throws<TensorRtException>(() => context.EnqueueV3(0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OutputAllocatorIsAskedForTheShapeOfTheRun()
    {
        using TestEngine test = new();
        using IExecutionContext context = test.Load(test.DynamicRelu()).CreateExecutionContext();
        using PinnedBuffers memory = new();
        float[] result = new float[12];
        Allocator allocator = new(memory.Add(result));
        context.SetInputShape("x", [2, 3]);
        context.SetTensorAddress("x", memory.Add((float[])[-1, 2, -3, 4, -5, 6]));
        context.SetOutputAllocator("y", allocator);
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        Assert.Equal([0, 2, 0, 4, 0, 6], result[..6]);
        Assert.Equal((24UL, new Dims(2, 3)), (allocator.Size, allocator.Shape));
    }

    [Fact]
    public void MissingProfileAndCrossedProfileAreRefused()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor y = network.AddActivation(network.AddInput("x", DataType.Float, [-1]), ActivationType.Relu).GetOutput(0);
        network.MarkOutput(y);
        Assert.Contains("no optimization profile", Assert.Throws<TensorRtException>(() => test.Plan(network)).Message, StringComparison.Ordinal);
        using IBuilderConfig config = test.Builder.CreateBuilderConfig();
        IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
        profile.SetDimensions("x", OptProfileSelector.Min, [5]);
        profile.SetDimensions("x", OptProfileSelector.Opt, [4]);
        profile.SetDimensions("x", OptProfileSelector.Max, [2]);
        Assert.Contains("isValid", Assert.Throws<TensorRtException>(() => config.AddOptimizationProfile(profile)).Message, StringComparison.Ordinal);
        Assert.Equal(0, config.NbOptimizationProfiles);
    }

    private sealed class Allocator(nint memory) : IOutputAllocator
    {
        public ulong Size { get; private set; }

        public Dims Shape { get; private set; }

        public nint ReallocateOutput(string tensorName, nint currentMemory, ulong size, ulong alignment)
        {
            Size = size;
            return memory;
        }

        public void NotifyShape(string tensorName, Dims dims) => Shape = dims;
    }
}
