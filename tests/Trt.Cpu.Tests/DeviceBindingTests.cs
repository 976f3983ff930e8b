using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.Loading;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>Objects of TensorRT make their device current before each call, and the thread's own again after it. What a call finds is told by the logger, which the library calls on the same thread.</summary>
public sealed class DeviceBindingTests
{
    [Fact]
    public void AnEngineAndItsContextStayOnTheirDevice()
    {
        IReadOnlyList<Device> devices = Device.Of(new HostDeviceApi(2));
        List<Device> seen = [];
        using TestEngine test = new();
        byte[] plan = Plan(test);
        LoopBackLibrary library = new(CpuRuntime.Provider, "10.16");
        using DeviceScope outer = devices[0].Use();
        using IRuntime runtime = library.CreateInferRuntime(new DelegateLogger((_, _) => seen.Add(Device.Current)));
        ICudaEngine first = runtime.DeserializeCudaEngine(plan), second;
        using (devices[1].Use())
        {
            second = runtime.DeserializeCudaEngine(plan);
        }

        using IExecutionContext onFirst = first.CreateExecutionContext(), onSecond = second.CreateExecutionContext();
        foreach ((IExecutionContext context, Device device) in ((IExecutionContext, Device)[])[(onFirst, devices[0]), (onSecond, devices[1])])
        {
            foreach (Device current in devices)
            {
                using DeviceScope inner = current.Use();
                seen.Clear();
                Assert.Throws<TensorRtException>(() => context.SetInputShape("data", [1, 2, 3, 4]));
                Assert.Same(current, Device.Current);
                Assert.NotEmpty(seen);
                Assert.All(seen, one => Assert.Same(device, one));
            }
        }

        Assert.Same(devices[1], TensorRtLibrary.DeviceOf(second));
        Assert.Same(devices[1], TensorRtLibrary.DeviceOf(onSecond));
        Assert.Same(devices[0], TensorRtLibrary.DeviceOf(runtime));
        second.Dispose();
        first.Dispose();
        Assert.Same(devices[0], Device.Current);
    }

    [Fact]
    public void ARuntimeGoesByTheThreadsChoiceAndElseByWhereItWasMade()
    {
        IReadOnlyList<Device> devices = Device.Of(new HostDeviceApi(2));
        List<Device> seen = [];
        LoopBackLibrary library = new(CpuRuntime.Provider, "10.16");
        IRuntime runtime;
        using (devices[1].Use())
        {
            runtime = library.CreateInferRuntime(new DelegateLogger((_, _) => seen.Add(Device.Current)));
        }

        Device before = Device.Current;
        Assert.Throws<TensorRtException>(() => runtime.DeserializeCudaEngine(new byte[100]));
        Assert.Same(before, Device.Current);
        Assert.All(seen, one => Assert.Same(devices[1], one));
        Assert.NotEmpty(seen);
        seen.Clear();
        using (devices[0].Use())
        {
            Assert.Throws<TensorRtException>(() => runtime.DeserializeCudaEngine(new byte[100]));
            Assert.Same(devices[0], Device.Current);
        }

        Assert.NotEmpty(seen);
        Assert.All(seen, one => Assert.Same(devices[0], one));
        runtime.Dispose();
    }

    [Fact]
    public void ACallInsideOfACallGoesBackToItsCallersDevice()
    {
        IReadOnlyList<Device> devices = Device.Of(new HostDeviceApi(2));
        using TestEngine test = new();
        byte[] plan = Plan(test);
        LoopBackLibrary library = new(CpuRuntime.Provider, "10.16");
        IExecutionContext? other = null;
        List<Device> seen = [];
        using DeviceScope outer = devices[0].Use();
        using IRuntime runtime = library.CreateInferRuntime(new DelegateLogger((_, _) =>
        {
            seen.Add(Device.Current);
            if (seen.Count == 1)
            {
                // A call on the other device from within.
                Assert.Throws<TensorRtException>(() => other!.SetInputShape("data", [1, 2, 3, 4]));
                seen.Add(Device.Current);
            }
        }));
        using ICudaEngine first = runtime.DeserializeCudaEngine(plan);
        using IExecutionContext own = first.CreateExecutionContext();
        using DeviceScope inner = devices[1].Use();
        using ICudaEngine second = runtime.DeserializeCudaEngine(plan);
        other = second.CreateExecutionContext();
        seen.Clear();
        Assert.Throws<TensorRtException>(() => own.SetInputShape("data", [1, 2, 3, 4]));
        Assert.Equal([devices[0], devices[1], devices[0]], seen.Take(3));
        Assert.Same(devices[1], Device.Current);
        other.Dispose();
    }

    private static byte[] Plan(TestEngine test)
    {
        INetworkDefinition network = test.Network();
        network.MarkOutput(network.AddActivation(network.AddInput("data", DataType.Float, [1, 4]), ActivationType.Relu).GetOutput(0));
        return test.Plan(network);
    }
}
