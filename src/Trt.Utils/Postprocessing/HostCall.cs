using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Work of a kernel's twin, queued on a stream of the host stand-in. Objects are used again, so that a call allocates nothing in the long run.</summary>
/// <typeparam name="T">The arguments, and what is done with them.</typeparam>
internal sealed class HostCall<T>
    where T : struct, IHostTwin
{
    private static readonly Lock Gate = new();
    private static readonly Stack<HostCall<T>> Free = new();

    private T twin;
    private bool returns;

    /// <summary>Queues the work.</summary>
    public static void Queue(CudaStream stream, in T twin)
    {
        // What a graph records may run many times.
        HostCall<T> call = stream is { IsDefault: false, IsCapturing: true } ? new() : Rent();
        call.twin = twin;
        stream.Enqueue(static state => ((HostCall<T>)state!).Run(), call);
    }

    private static HostCall<T> Rent()
    {
        lock (Gate)
        {
            return Free.TryPop(out HostCall<T>? call) ? call : new HostCall<T> { returns = true };
        }
    }

    private void Run()
    {
        T work = twin;
        if (returns)
        {
            twin = default;
            lock (Gate)
            {
                Free.Push(this);
            }
        }

        work.Run();
    }
}
