namespace Trt.Interop.Cuda;

/// <summary>Graphs of one <see cref="IDeviceApi"/>: a stream's work recorded once and launched many times.</summary>
public interface IGraphApi
{
    /// <summary>Records what is queued to a stream from now on, instead of running it.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="stream">The stream; not the default stream.</param>
    /// <param name="mode">Which other calls are refused meanwhile.</param>
    void BeginCapture(int device, nint stream, CaptureMode mode);

    /// <summary>Ends the recording.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="stream">The stream that the recording was begun with.</param>
    /// <returns>The graph's handle.</returns>
    nint EndCapture(int device, nint stream);

    /// <summary>Whether a stream records.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="stream">The stream.</param>
    /// <returns>Whether it records, and whether the recording is still good.</returns>
    CaptureStatus GetCaptureStatus(int device, nint stream);

    /// <summary>How many operations a graph has.</summary>
    /// <param name="device">The graph's device.</param>
    /// <param name="graph">The graph.</param>
    /// <returns>The number of nodes.</returns>
    long GetNodeCount(int device, nint graph);

    /// <summary>Makes a graph ready to launch; the graph may go afterwards.</summary>
    /// <param name="device">The graph's device.</param>
    /// <param name="graph">The graph.</param>
    /// <returns>The handle of what can be launched.</returns>
    nint Instantiate(int device, nint graph);

    /// <summary>Gives an instantiated graph the parameters of another graph of the same shape.</summary>
    /// <param name="device">The graph's device.</param>
    /// <param name="instance">What is updated; launches already queued keep their parameters.</param>
    /// <param name="graph">Where the parameters come from.</param>
    /// <returns>False where the shapes differ: instantiate the new graph instead.</returns>
    bool TryUpdate(int device, nint instance, nint graph);

    /// <summary>Queues one run of the graph.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="instance">What <see cref="Instantiate"/> returned.</param>
    /// <param name="stream">The stream.</param>
    void Launch(int device, nint instance, nint stream);

    /// <summary>Gives a graph up.</summary>
    /// <param name="device">The graph's device.</param>
    /// <param name="graph">The graph.</param>
    void Destroy(int device, nint graph);

    /// <summary>Gives an instantiated graph up; launches already queued still run.</summary>
    /// <param name="device">The graph's device.</param>
    /// <param name="instance">What <see cref="Instantiate"/> returned.</param>
    void DestroyInstance(int device, nint instance);
}
