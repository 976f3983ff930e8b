using Trt.Interop.Cuda;

namespace Trt.Interop.Tests.Cuda;

/// <summary>Holds a stream until it is opened, so that order can be tested without guessing times.</summary>
internal sealed class Gate : IDisposable
{
    private readonly ManualResetEventSlim opened = new();
    private readonly ManualResetEventSlim entered = new();

    internal static Gate Close(CudaStream stream)
    {
        Gate gate = new();
        stream.Enqueue(static state =>
        {
            Gate self = (Gate)state!;
            self.entered.Set();
            self.opened.Wait();
        }, gate);
        return gate;
    }

    /// <summary>Returns once the stream has reached the gate.</summary>
    internal void WaitUntilReached() => entered.Wait();

    internal void Open() => opened.Set();

    public void Dispose() => opened.Set(); // a failed test must not leave a stream stuck
}
