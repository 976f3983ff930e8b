using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Interop.Tests.Cuda;

[Collection("device")]
public sealed class CudaDriverTests
{
    [SkippableFact]
    public void WithoutADriverTheReasonSaysWhatToDo()
    {
        Skip.If(CudaDriver.IsAvailable(out string reason), "a driver is there");
        Assert.Contains("driver", reason, StringComparison.Ordinal);
        CudaException error = Assert.Throws<CudaException>(() => CudaDeviceApi.Instance);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Throws<CudaException>(() => CudaDriver.Version);
        Assert.Same(Device.Host, Assert.Single(Device.All));
        Assert.Same(Device.Host, Device.Current);
    }

    [SkippableFact]
    public void WithADriverThereIsAGpu()
    {
        Skip.IfNot(CudaDriver.IsAvailable(out string reason), reason);
        Assert.Equal("", reason);
        Assert.True(CudaDriver.Version.Major >= 11);
        Assert.All(Device.All, device => Assert.False(device.IsHost));
    }

    [Fact]
    public void ALibraryThatIsMissingIsNamed()
    {
        DriverLoad load = DriverLoad.Run(["libno-such-driver.so.1"]);
        Assert.Null(load.Functions);
        Assert.Contains("tried libno-such-driver.so.1", load.Reason, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void ALibraryThatIsNoDriverIsRefused()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "takes the C library of Linux for a driver");
        DriverLoad load = DriverLoad.Run(["libc.so.6"]);
        Assert.Null(load.Functions);
        Assert.Contains("lacks cuInit", load.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CudaResult.NoDevice, "CUDA_ERROR_NO_DEVICE (100)", "nvidia-smi")]
    [InlineData(CudaResult.OutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY (2)", "smaller batch")]
    [InlineData(CudaResult.InvalidContext, "CUDA_ERROR_INVALID_CONTEXT (201)", "reset")]
    public void ErrorsNameTheCallAndTheWayOut(CudaResult result, string name, string advice)
    {
        CudaException error = new(result, "cuSomething");
        Assert.StartsWith("cuSomething failed with " + name, error.Message, StringComparison.Ordinal);
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
        Assert.Equal("cuSomething", error.Function);
        Assert.Equal(result, error.Result);
    }

    [Fact]
    public void AUuidIsWrittenAsTheToolsDo()
    {
        byte[] bytes = [.. Enumerable.Range(0x10, 16).Select(i => (byte)i)];
        Assert.Equal("GPU-10111213-1415-1617-1819-1a1b1c1d1e1f", CudaDeviceApi.FormatUuid(bytes));
    }

    [Fact]
    public unsafe void KernelArgumentsAreAligned()
    {
        KernelArguments arguments = new(stackalloc byte[32]);
        arguments.Add((byte)1);
        arguments.Add(0x01020304);
        arguments.Add(0x1122334455667788L);
        arguments.Add((short)5);
        Assert.Equal<byte>([1, 0, 0, 0, 4, 3, 2, 1, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 5, 0], arguments.Written.ToArray());
    }
}
