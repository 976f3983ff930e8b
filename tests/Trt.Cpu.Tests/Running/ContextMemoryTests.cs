using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Cpu.Tests.Running;

/// <summary>Memory between the layers: its size for profiles and shapes, and contexts that are given it.</summary>
public class ContextMemoryTests
{
    [Fact]
    public void SizesFollowProfilesAndShapes()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test));

        // Between the two layers lie up to 4 x 300 and 8 x 300 floats, counted in units of 512 bytes.
        Assert.Equal(Rounded(4 * 300 * 4), engine.GetDeviceMemorySizeForProfileV2(0));
        Assert.Equal(Rounded(8 * 300 * 4), engine.GetDeviceMemorySizeForProfileV2(1));
        Assert.Equal(Rounded(8 * 300 * 4), engine.DeviceMemorySizeV2);
        Assert.Equal((nuint)Rounded(8 * 300 * 4), engine.DeviceMemorySize);
        Assert.Equal(0, engine.GetDeviceMemorySizeForProfileV2(2));
        Assert.Contains("Profile 2", test.Log.Errors.Last(), StringComparison.Ordinal);
        using IExecutionContext context = engine.CreateExecutionContext(ExecutionContextAllocationStrategy.UserManaged);
        Assert.Equal((nuint)0, context.UpdateDeviceMemorySizeForShapes());
        context.SetInputShape("x", [2, 300]);
        Assert.Equal((nuint)Rounded(2 * 300 * 4), context.UpdateDeviceMemorySizeForShapes());
    }

    [Fact]
    public void UserManagedContextRunsOnlyWithItsMemory()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test));
        using IExecutionContext context = engine.CreateExecutionContext(ExecutionContextAllocationStrategy.UserManaged);
        using PinnedBuffers memory = new();
        float[] y = new float[600];
        context.SetInputShape("x", [2, 300]);
        context.SetTensorAddress("x", memory.Add(Enumerable.Range(-300, 600).Select(i => (float)i).ToArray()));
        context.SetTensorAddress("y", memory.Add(y));
        Assert.Contains("call setDeviceMemoryV2 before running it", Assert.Throws<TensorRtException>(() => context.EnqueueV3(0)).Message, StringComparison.Ordinal);
        nint scratch = memory.Add(new byte[8192]);
        context.SetDeviceMemoryV2(scratch, 1000);
        Assert.Contains("was given 1000", Assert.Throws<TensorRtException>(() => context.EnqueueV3(0)).Message, StringComparison.Ordinal);
        context.SetDeviceMemoryV2(scratch, 8192);
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        Assert.Equal(Enumerable.Range(-300, 600).Select(i => (float)Math.Max(i, 0)), y);
        context.SetDeviceMemory(scratch);
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        Assert.Single(test.Log.Errors, line => line.Contains("was given 1000", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ExecutionContextAllocationStrategy.Static)]
    [InlineData(ExecutionContextAllocationStrategy.OnProfileChange)]
    public void OtherContextsTakeNoMemory(ExecutionContextAllocationStrategy strategy)
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test));
        using IRuntimeConfig config = engine.CreateRuntimeConfig();
        config.ExecutionContextAllocationStrategy = strategy;
        using IExecutionContext context = engine.CreateExecutionContext(config);
        context.SetDeviceMemoryV2(0, 0);
        Assert.Contains("was not created with kUSER_MANAGED", test.Log.Errors.Last(), StringComparison.Ordinal);
        Assert.Equal((nuint)0, context.UpdateDeviceMemorySizeForShapes());
    }

    [Fact]
    public void ContextsShareAProfileAndSwitchIt()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test));
        using IExecutionContext first = engine.CreateExecutionContext();
        using IExecutionContext second = engine.CreateExecutionContext();
        first.SetOptimizationProfileAsync(1, 0);
        second.SetOptimizationProfileAsync(1, 0);
        first.SetInputShape("x", [8, 300]);
        second.SetInputShape("x", [5, 300]);
        Assert.Equal<Dims>([5, 300], second.GetTensorShape("y"));
        second.SetOptimizationProfileAsync(0, 0);
        Assert.Contains("profile 0 allows", Assert.Throws<TensorRtException>(() => second.SetInputShape("x", [5, 300])).Message, StringComparison.Ordinal);
        Assert.Throws<TensorRtException>(() => second.SetOptimizationProfileAsync(2, 0));
    }

    [Fact]
    public void StreamingBudgetsAreKeptAsDocumented()
    {
        using TestEngine test = new();
        using ICudaEngine plain = test.Load(Plan(test));
        Assert.Equal(0, plain.StreamableWeightsSize);
        Assert.Contains("kWEIGHT_STREAMING", Assert.Throws<TensorRtException>(() => plain.WeightStreamingBudgetV2 = 5).Message, StringComparison.Ordinal);
        using ICudaEngine engine = test.Load(Plan(test, BuilderFlag.WeightStreaming));
        Assert.Equal(1200, engine.StreamableWeightsSize);
        Assert.Equal(1200, engine.WeightStreamingBudgetV2);
        Assert.Equal(0, engine.WeightStreamingScratchMemorySize);
        engine.WeightStreamingBudgetV2 = 100;
        Assert.Equal(100, engine.WeightStreamingBudgetV2);
        Assert.Equal(1200, engine.WeightStreamingScratchMemorySize);
        Assert.Throws<TensorRtException>(() => engine.WeightStreamingBudgetV2 = -1);
        using (engine.CreateExecutionContext())
        {
            Assert.Contains("has 1", Assert.Throws<TensorRtException>(() => engine.WeightStreamingBudgetV2 = 5).Message, StringComparison.Ordinal);
        }

        engine.WeightStreamingBudgetV2 = 5;
    }

    [Fact]
    public void NvtxVerbosityIsNotRaisedAboveTheEngines()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test));
        using IExecutionContext context = engine.CreateExecutionContext();
        Assert.Equal(ProfilingVerbosity.LayerNamesOnly, context.NvtxVerbosity);
        context.NvtxVerbosity = ProfilingVerbosity.None;
        Assert.Throws<TensorRtException>(() => context.NvtxVerbosity = ProfilingVerbosity.Detailed);
        Assert.Equal(ProfilingVerbosity.None, context.NvtxVerbosity);
    }

    private static long Rounded(long bytes) => (bytes + 511) / 512 * 512;

    /// <summary>y = relu(x + w), x of shape [-1, 300], with profiles to 4 and to 8.</summary>
    private static byte[] Plan(TestEngine test, params BuilderFlag[] flags)
    {
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [-1, 300]);
        ITensor sum = network.AddElementWise(x, network.AddConstant([1, 300], Weights.From(new float[300])).GetOutput(0), ElementWiseOperation.Sum).GetOutput(0);
        ITensor y = network.AddActivation(sum, ActivationType.Relu).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        return test.Plan(network, config =>
        {
            Array.ForEach(flags, config.SetFlag);
            foreach (int greatest in (int[])[4, 8])
            {
                IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
                profile.SetDimensions("x", OptProfileSelector.Min, [1, 300]);
                profile.SetDimensions("x", OptProfileSelector.Opt, [greatest, 300]);
                profile.SetDimensions("x", OptProfileSelector.Max, [greatest, 300]);
                config.AddOptimizationProfile(profile);
            }
        });
    }
}
