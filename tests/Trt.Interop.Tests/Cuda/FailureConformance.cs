using Trt.Interop.Cuda;

namespace Trt.Interop.Tests.Cuda;

/// <summary>What callbacks throw.</summary>
internal static class FailureConformance
{
    internal static readonly ConformanceCase[] Cases =
    [
        new("what a callback throws comes out of the next synchronisation, once", ThrownOnce),
        new("callbacks behind a failure are skipped until it was reported", Skipped),
        new("the default stream keeps failures too", OnDefaultStream),
        new("a failure stays with its stream", OtherStreams),
    ];

    private static void ThrownOnce(Device device)
    {
        using CudaStream stream = new(device);
        stream.Enqueue(static () => throw new InvalidDataException("the third byte is wrong"));
        stream.Enqueue(static () => throw new InvalidOperationException("never reached"));
        InvalidDataException error = Expect.Throws<InvalidDataException>(stream.Synchronize, "the third byte is wrong");
        Expect.True(error.StackTrace!.Contains(nameof(ThrownOnce), StringComparison.Ordinal), "the stack of the callback is kept");
        stream.Synchronize();
        Expect.True(stream.IsIdle);
    }

    private static void Skipped(Device device)
    {
        using CudaStream stream = new(device);
        int calls = 0;
        stream.Enqueue(() => calls++);
        stream.Enqueue(static () => throw new InvalidDataException());
        stream.Enqueue(() => calls += 10);
        Expect.Throws<InvalidDataException>(stream.Synchronize);
        Expect.Equal(1, calls);
        stream.Enqueue(() => calls += 100);
        stream.Synchronize();
        Expect.Equal(101, calls);
    }

    private static void OnDefaultStream(Device device)
    {
        device.DefaultStream.Enqueue(static () => throw new InvalidDataException());
        Expect.Throws<InvalidDataException>(device.DefaultStream.Synchronize);
        device.DefaultStream.Synchronize();
    }

    private static void OtherStreams(Device device)
    {
        using CudaStream failing = new(device);
        using CudaStream other = new(device);
        int calls = 0;
        failing.Enqueue(static () => throw new InvalidDataException());
        other.Enqueue(() => calls++);
        other.Synchronize();
        Expect.Equal(1, calls);
        Expect.Throws<InvalidDataException>(failing.Synchronize);
    }
}
