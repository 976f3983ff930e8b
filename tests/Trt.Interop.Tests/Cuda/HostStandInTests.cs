using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Interop.Tests.Cuda;

/// <summary>What only the host stand-in promises.</summary>
[Collection("device")]
public sealed class HostStandInTests
{
    [Fact]
    public void AStreamIsFoundByItsHandle()
    {
        using CudaStream stream = new(Device.Host);
        HostStream found = HostDeviceApi.StreamFromHandle(stream);
        int[] counter = [0];
        found.Enqueue(static state => ((int[])state!)[0]++, counter);
        stream.Synchronize();
        Assert.Equal(1, counter[0]);
        Assert.Same(found, HostDeviceApi.StreamFromHandle(stream.Handle));
        Assert.Equal(stream.Handle, found.Handle);
        Assert.Equal(0, HostDeviceApi.StreamFromHandle(0).Handle);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    [InlineData(0x7f00_1234_5678)]
    [InlineData(0x5353_0000_0000_0000)]
    [InlineData(0x5353_ffff_ffff_ffff)]
    public void AForeignHandleIsRefused(long handle)
    {
        CudaException error = Assert.Throws<CudaException>(() => HostDeviceApi.StreamFromHandle((nint)handle));
        Assert.Equal(CudaResult.InvalidHandle, error.Result);
        Assert.Contains($"0x{handle:x} is no stream of the host stand-in", error.Message, StringComparison.Ordinal);
        Assert.False(HostDeviceApi.TryGetStream((nint)handle, out _));
    }

    [Fact]
    public void AStaleHandleIsRefusedAlsoWhenItsSlotIsUsedAgain()
    {
        nint stale;
        using (CudaStream stream = new(Device.Host))
        {
            stale = stream;
        }

        CudaStream[] next = [.. Enumerable.Range(0, 40).Select(_ => new CudaStream(Device.Host))];
        Assert.Throws<CudaException>(() => HostDeviceApi.StreamFromHandle(stale));
        Assert.Equal(40, next.Select(s => s.Handle).Distinct().Count());
        Assert.All(next, s => Assert.Equal(s.Handle, HostDeviceApi.StreamFromHandle(s).Handle));
        Assert.All(next, s => s.Dispose());
    }

    [Fact]
    public void EventsHandFailuresOn()
    {
        using CudaStream failing = new(Device.Host);
        using CudaStream waiting = new(Device.Host);
        using CudaEvent mark = new(Device.Host);
        int calls = 0;
        failing.Enqueue(static () => throw new InvalidDataException("first"));
        failing.Record(mark);
        waiting.Wait(mark);
        waiting.Enqueue(() => calls++);
        Assert.Equal("first", Assert.Throws<InvalidDataException>(mark.Synchronize).Message);
        Assert.Equal("first", Assert.Throws<InvalidDataException>(waiting.Synchronize).Message);
        Assert.Equal("first", Assert.Throws<InvalidDataException>(failing.Synchronize).Message);
        Assert.Equal(0, calls);
        failing.Record(mark);
        waiting.Wait(mark);
        waiting.Enqueue(() => calls++);
        waiting.Synchronize();
        Assert.Equal(1, calls);
    }

    [Fact]
    public void ACallbackMustNotWait()
    {
        using CudaStream stream = new(Device.Host);
        using CudaStream other = new(Device.Host);
        using CudaEvent mark = new(Device.Host);
        foreach (Action wait in new Action[] { other.Synchronize, mark.Synchronize, Device.Host.Synchronize })
        {
            stream.Enqueue(wait);
            CudaException error = Assert.Throws<CudaException>(stream.Synchronize);
            Assert.Equal(CudaResult.NotPermitted, error.Result);
            Assert.Contains("must not wait", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public unsafe void ACallbackSeesDeviceMemory()
    {
        using CudaStream stream = new(Device.Host);
        using DeviceMemory<int> memory = new(100, Device.Host);
        memory.FillAsync(20, stream);
        stream.Enqueue(() =>
        {
            Span<int> span = new((void*)memory.Pointer, 100);
            span[50]++;
        });
        stream.Synchronize();
        Assert.Equal(2001, memory.ToArray().Sum());
    }

    [Fact]
    public void ForeignPointersAreNotFreed()
    {
        IMemoryApi memory = HostDeviceApi.Instance.Memory;
        nint block = memory.Allocate(0, 100);
        memory.Free(0, block);
        Assert.Contains("was freed before", Assert.Throws<CudaException>(() => memory.Free(0, block)).Message, StringComparison.Ordinal);
        Assert.Equal(CudaResult.InvalidValue, Assert.Throws<CudaException>(() => memory.Allocate(0, 0)).Result);
    }

    [Fact]
    public void FreeMemoryIsCounted()
    {
        Device device = Device.Of(new HostDeviceApi(1))[0];
        long before = device.Memory.FreeBytes;
        DeviceMemory<byte> memory = new(1_000_000, device);
        Assert.Equal(before - 1_000_000, device.Memory.FreeBytes);
        memory.Dispose();
        Assert.Equal(before, device.Memory.FreeBytes);
    }

    [Fact]
    public void AnotherThreadMustNotEndACapture()
    {
        using CudaStream stream = new(Device.Host);
        stream.BeginCapture();
        Exception? error = null;
        Thread thread = new(() => error = Record.Exception(() => stream.EndCapture().Dispose()));
        thread.Start();
        thread.Join();
        Assert.Equal(CudaResult.StreamCaptureWrongThread, Assert.IsType<CudaException>(error).Result);
        stream.EndCapture().Dispose();
    }

    [Fact]
    public void TwoRecordingsAreNotJoined()
    {
        using CudaStream first = new(Device.Host);
        using CudaStream second = new(Device.Host);
        using CudaEvent mark = new(Device.Host);
        first.BeginCapture();
        second.BeginCapture();
        first.Record(mark);
        Assert.Equal(CudaResult.StreamCaptureMerge, Assert.Throws<CudaException>(() => second.Wait(mark)).Result);
        Assert.Throws<CudaException>(() => second.EndCapture().Dispose());
        first.EndCapture().Dispose();
    }

    [Fact]
    public void AHandlerOfLeaksMayThrow()
    {
        Action<LeakReport> broken = static _ => throw new InvalidOperationException();
        string? told = null;
        Action<LeakReport> works = report => told = report.ToString();
        Leaks.Reported += broken;
        Leaks.Reported += works;
        try
        {
            LeakReporter.Report("a thing", null);
        }
        finally
        {
            Leaks.Reported -= broken;
            Leaks.Reported -= works;
        }

        Assert.StartsWith("a thing was never disposed", told, StringComparison.Ordinal);
    }
}
