namespace Trt.Interop.Cuda;

/// <summary>Streams and events of one <see cref="IDeviceApi"/>. Stream handle 0 is the device's legacy default stream.</summary>
public unsafe interface IStreamApi
{
    /// <summary>Makes a stream.</summary>
    /// <param name="device">The device's number.</param>
    /// <param name="flags">How it relates to the default stream.</param>
    /// <param name="priority">Lower runs first; numbers outside <see cref="GetPriorityRange"/> are taken as its nearest end.</param>
    /// <returns>Its handle.</returns>
    nint Create(int device, StreamFlags flags, int priority);

    /// <summary>Gives a stream up at once; what was queued still runs.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="stream">The stream.</param>
    void Destroy(int device, nint stream);

    /// <summary>Waits until everything queued so far has run. Throws what failed in the stream since the last call, and forgets it.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="stream">The stream.</param>
    void Synchronize(int device, nint stream);

    /// <summary>Whether everything queued so far has run.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="stream">The stream.</param>
    /// <returns>False while work is left.</returns>
    bool IsIdle(int device, nint stream);

    /// <summary>Reads a stream's priority.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="stream">The stream.</param>
    /// <returns>The priority that the device gave it.</returns>
    int GetPriority(int device, nint stream);

    /// <summary>Reads a device's range of priorities.</summary>
    /// <param name="device">The device's number.</param>
    /// <returns>The number that runs last and the number that runs first (the lower one).</returns>
    (int Least, int Greatest) GetPriorityRange(int device);

    /// <summary>Lets a stream's later work wait for an event. An event that was never recorded is not waited for.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="waitFor">The event; of any device of this API.</param>
    void Wait(int device, nint stream, nint waitFor);

    /// <summary>Queues a managed callback. It must not call anything that waits for a device. What it throws comes out of the stream's next synchronisation.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="stream">The stream; one that captures keeps the callback for each replay.</param>
    /// <param name="work">The callback; a static lambda allocates nothing.</param>
    /// <param name="state">What it is given.</param>
    void Enqueue(int device, nint stream, Action<object?> work, object? state);

    /// <summary>Queues a native callback.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="function">The function; nothing may be thrown out of it.</param>
    /// <param name="state">What it is given.</param>
    void Enqueue(int device, nint stream, delegate* unmanaged<nint, void> function, nint state);

    /// <summary>Makes an event.</summary>
    /// <param name="device">The device's number.</param>
    /// <param name="flags">Timing and the way to wait.</param>
    /// <returns>Its handle.</returns>
    nint CreateEvent(int device, EventFlags flags);

    /// <summary>Gives an event up at once; queued records and waits still work.</summary>
    /// <param name="device">The device of the event.</param>
    /// <param name="target">The event.</param>
    void DestroyEvent(int device, nint target);

    /// <summary>Records an event behind the stream's work so far.</summary>
    /// <param name="device">The device of the event and the stream.</param>
    /// <param name="target">The event.</param>
    /// <param name="stream">The stream.</param>
    void RecordEvent(int device, nint target, nint stream);

    /// <summary>Whether the latest record has been reached; true for an event that was never recorded.</summary>
    /// <param name="device">The device of the event.</param>
    /// <param name="target">The event.</param>
    /// <returns>False while the stream is not there yet.</returns>
    bool IsEventComplete(int device, nint target);

    /// <summary>Waits until the latest record has been reached.</summary>
    /// <param name="device">The device of the event.</param>
    /// <param name="target">The event.</param>
    void SynchronizeEvent(int device, nint target);

    /// <summary>Measures between two reached events that keep times.</summary>
    /// <param name="device">The device of both events.</param>
    /// <param name="start">The earlier event.</param>
    /// <param name="end">The later event.</param>
    /// <returns>Milliseconds.</returns>
    float GetElapsedMilliseconds(int device, nint start, nint end);
}
