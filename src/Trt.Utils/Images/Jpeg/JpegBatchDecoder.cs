using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>
/// Decodes batches of JPEG files into device memory: by the GPU's JPEG engines, its multiprocessors and the CPU side by side, as
/// <see cref="JpegBackends"/> says. Files that nvJPEG does not take go to libjpeg-turbo, and on <see cref="Device.Host"/> all do.
/// </summary>
/// <remarks>
/// Grey files become RGB. nvJPEG and libjpeg-turbo differ in rounding and in how they enlarge halved colours, by a few levels at edges. Threads of
/// its own do the work, so one decoder at a time is enough; calls from several threads wait for each other. After the largest batch was seen, a call
/// allocates no device memory, and of managed memory only what waking the threads takes, unless a file is damaged.
/// </remarks>
public sealed class JpegBatchDecoder : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<JpegLane> lanes = [];
    private readonly List<NvJpegHandle> handles = [];
    private readonly JpegBatchMemory[] memories;
    private int next;
    private bool isDisposed;

    /// <summary>Starts the decoders.</summary>
    /// <param name="device">Where the pictures go; <see cref="Device.Current"/> when null.</param>
    /// <param name="options">What decodes; by default what the device and the machine have.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="DllNotFoundException">A backend was asked for whose library is missing; the message says what to install.</exception>
    /// <exception cref="NotSupportedException">A backend was asked for that the device lacks.</exception>
    public JpegBatchDecoder(Device? device = null, JpegDecoderOptions? options = null)
        : this(device ?? Device.Current, options ?? new JpegDecoderOptions(), (device ?? Device.Current).IsHost ? null : NvJpegLibrary.TryGet(out _))
    {
    }

    /// <param name="device">The device.</param>
    /// <param name="options">What decodes.</param>
    /// <param name="functions">nvJPEG, where there is one.</param>
    internal JpegBatchDecoder(Device device, JpegDecoderOptions options, NvJpegFunctions? functions)
    {
        options.Check();
        Device = device;
        memories = [new JpegBatchMemory(device), new JpegBatchMemory(device)];
        try
        {
            Open(functions, options);
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>Where the pictures go.</summary>
    public Device Device { get; }

    /// <summary>What decodes.</summary>
    public JpegBackends Backends { get; private set; }

    /// <summary>The GPU's engines for JPEG that <see cref="JpegBackends.Hardware"/> uses; 0 where it is not used or the library does not say.</summary>
    public int Engines { get; private set; }

    /// <summary>The files of the latest call that could not be decoded.</summary>
    public IReadOnlyList<JpegFailure> Failures { get; private set; } = [];

    /// <summary>Whether nvJPEG is on this machine.</summary>
    /// <param name="reason">Why not, and what to install; empty when it is.</param>
    public static bool IsNvJpegAvailable(out string reason)
    {
        bool isThere = NvJpegLibrary.TryGet(out reason) is not null;
        reason = isThere ? string.Empty : reason;
        return isThere;
    }

    /// <summary>Decodes a batch. The call reads files and queues; the pictures are there when the stream has passed it.</summary>
    /// <param name="files">Whole files. Their memory is pinned, and must not be changed until the stream has passed.</param>
    /// <param name="images">
    /// Room for as many pictures, RGB in memory of the decoder, without gaps between rows. They stay until the second call after this one, which waits
    /// for the stream to pass what was queued before the first call after this one. A file that cannot be decoded leaves an empty picture.
    /// </param>
    /// <param name="stream">A stream of the device.</param>
    /// <param name="name">What errors call a file, by its place; its place when null.</param>
    /// <returns>How many pictures were decoded; <see cref="Failures"/> tells of the others.</returns>
    /// <exception cref="ArgumentException">There is less room than files, or the stream is of another device.</exception>
    /// <exception cref="CudaException">The device has too little memory, or failed.</exception>
    /// <exception cref="InvalidOperationException">A decoding thread failed, as its message says.</exception>
    public int Decode(ReadOnlySpan<ReadOnlyMemory<byte>> files, Span<DeviceImage> images, CudaStream stream, Func<int, string>? name = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (images.Length < files.Length)
        {
            throw new ArgumentException($"There is room for {images.Length} pictures, but there are {files.Length} files.", nameof(images));
        }

        if (stream.Device != Device)
        {
            throw new ArgumentException($"The stream is of {stream.Device}, the decoder on {Device}. Make both with the same device.", nameof(stream));
        }

        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            JpegBatchMemory memory = memories[next];
            memories[next ^ 1].Released(stream); // behind the work that uses the pictures of the call before
            next ^= 1;
            JpegBatch batch = memory.Prepare(files, name);
            foreach (JpegLane lane in lanes)
            {
                lane.Begin(batch, memory.Free);
            }

            foreach (JpegLane lane in lanes)
            {
                lane.Wait();
                stream.Wait(lane.Done);
            }

            memory.Decoded(stream);
            if (batch.Fault is { } fault)
            {
                throw new InvalidOperationException($"A batch of {files.Length} JPEG files could not be decoded: {fault.Message}", fault);
            }

            batch.Images.AsSpan(0, files.Length).CopyTo(images);
            Failures = batch.Failures.Count == 0 ? [] : [.. batch.Failures.OrderBy(failure => failure.Index)];
            return files.Length - batch.Failures.Count;
        }
    }

    /// <summary>Waits for queued work, ends the threads and frees the memory.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (!isDisposed)
            {
                isDisposed = true;
                Release();
            }
        }
    }

    private void Open(NvJpegFunctions? functions, JpegDecoderOptions options)
    {
        bool isAuto = options.Backends == JpegBackends.Auto;
        int threads = options.Threads > 0 ? options.Threads : Math.Max(1, Environment.ProcessorCount - 1);
        JpegBackends wanted = isAuto ? JpegBackends.Hardware : options.Backends;
        if (Wants(JpegBackends.Hardware, NvJpegFunctions.Hardware) is { } hardware)
        {
            Engines = hardware.CountEngines();
            for (int i = 0; i < options.HardwareThreads; i++)
            {
                lanes.Add(new NvJpegLane(hardware, Device, most: options.HardwareBatch, least: Math.Min(8, options.HardwareBatch), JpegKinds.Baseline, asksHardware: true));
            }
        }

        if (isAuto && lanes.Count == 0)
        {
            wanted = JpegBackends.Hybrid;
        }

        if (Wants(JpegBackends.Gpu, NvJpegFunctions.GpuHybrid) is { } gpu)
        {
            lanes.Add(new NvJpegLane(gpu, Device, most: 128, least: 64, JpegKinds.Baseline, asksHardware: false));
        }

        if (Wants(JpegBackends.Hybrid, NvJpegFunctions.Hybrid) is { } hybrid)
        {
            for (int i = 0; i < threads; i++)
            {
                lanes.Add(new NvJpegLane(hybrid, Device, most: 1, least: 1, JpegKinds.Baseline | JpegKinds.Others, asksHardware: false));
            }
        }

        bool isCpuWanted = wanted.HasFlag(JpegBackends.Cpu) || lanes.Count == 0;
        if (isCpuWanted)
        {
            JpegDecoder.Load();
            for (int i = 0; i < threads; i++)
            {
                lanes.Add(new TurboJpegLane(Device, JpegKinds.Baseline | JpegKinds.Others));
            }

            Backends |= JpegBackends.Cpu;
        }
        else if (!Backends.HasFlag(JpegBackends.Hybrid))
        {
            // What the others do not take goes one by one.
            lanes.Add(Create(NvJpegFunctions.Hybrid, out _) is { } rest ? new NvJpegLane(rest, Device, most: 1, least: 1, JpegKinds.Others, asksHardware: false) : new TurboJpegLane(Device, JpegKinds.Others));
        }

        NvJpegHandle? Create(int number, out NvJpegStatus status)
        {
            status = NvJpegStatus.NotInitialized;
            NvJpegHandle? handle = functions is null ? null : NvJpegHandle.TryCreate(functions, number, Device, out status);
            if (handle is not null)
            {
                handles.Add(handle);
            }

            return handle;
        }

        NvJpegHandle? Wants(JpegBackends backend, int number)
        {
            if (!wanted.HasFlag(backend))
            {
                return null;
            }

            if (Create(number, out NvJpegStatus status) is { } handle)
            {
                Backends |= backend;
                return handle;
            }

            if (isAuto)
            {
                return null;
            }

            if (functions is null)
            {
                string reason = $"{Device} is the host stand-in.";
                _ = !Device.IsHost && NvJpegLibrary.TryGet(out reason) is null;
                throw new DllNotFoundException($"JPEG files cannot be decoded by JpegBackends.{backend}: {reason}");
            }

            throw new NotSupportedException($"{Device.Name} ({Device}) cannot decode JPEG files by JpegBackends.{backend}: nvJPEG says that {NvJpegFunctions.Describe(status)}. Use JpegBackends.Auto.");
        }
    }

    private void Release()
    {
        lanes.ForEach(lane => lane.Dispose());
        Array.ForEach(memories, memory => memory.Dispose());
        using DeviceScope scope = Device.Use();
        handles.ForEach(handle => handle.Dispose());
    }
}
