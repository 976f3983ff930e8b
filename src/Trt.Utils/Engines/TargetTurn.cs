using Trt.Interop;

namespace Trt.Utils;

/// <summary>A build's turn: builds for other compute capabilities wait until it is disposed of.</summary>
/// <remarks>
/// TensorRT-RTX keeps the list of GPUs that it builds for once for the process: of two builds at a time for different ones, either fails with
/// <c>Target SM 86 is not found in the accelerator list</c>. Builds for the same ones do not disturb each other.
/// </remarks>
internal readonly struct TargetTurn : IDisposable
{
    private static readonly object Door = new();
    private static string current = "";
    private static int inside;

    private readonly bool entered;

    private TargetTurn(bool entered) => this.entered = entered;

    /// <summary>Waits for the turn of a build; libraries that build for the GPU that is there have no turns.</summary>
    /// <param name="library">The library.</param>
    /// <param name="wanted">What it builds for; none: the GPU that is there.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="OperationCanceledException">Cancelled while it waited.</exception>
    public static TargetTurn Wait(TensorRtLibrary library, IReadOnlyList<ComputeCapability> wanted, CancellationToken cancellation = default)
    {
        if (!library.Supports("IBuilderConfig.setComputeCapability"))
        {
            return default;
        }

        string targets = string.Join(' ', wanted.Order());
        using CancellationTokenRegistration wake = cancellation.UnsafeRegister(_ => Wake(), null);
        lock (Door)
        {
            while (inside > 0 && current != targets)
            {
                cancellation.ThrowIfCancellationRequested();
                Monitor.Wait(Door);
            }

            current = targets;
            inside++;
            return new TargetTurn(true);
        }
    }

    public void Dispose()
    {
        if (!entered)
        {
            return;
        }

        lock (Door)
        {
            inside--;
            Monitor.PulseAll(Door);
        }
    }

    private static void Wake()
    {
        lock (Door)
        {
            Monitor.PulseAll(Door);
        }
    }
}
