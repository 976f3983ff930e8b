using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Trt.Interop.Cuda;

/// <summary>
/// Devices in host memory: a stream is an ordered queue with one worker thread, device memory is aligned native memory, an event is a
/// mark in a queue, and a graph is a list of recorded operations. Code written for a GPU runs on it unchanged, except GPU kernels.
/// </summary>
/// <remarks>
/// What differs from a GPU: the operations of one stream run on one CPU thread; a graph's operations run one after another; the address
/// of device memory can be read by the CPU. Safe to use from any thread.
/// </remarks>
public sealed class HostDeviceApi : IDeviceApi
{
    private static readonly Lazy<HostDeviceApi> Shared = new(static () => new HostDeviceApi(1));

    [ThreadStatic]
    private static int currentDevice;

    private readonly HostDevice[] devices;
    private readonly HashSet<(int Device, int Peer)> peers = [];

    /// <summary>Makes a set of devices of its own; more than one helps to test code for several GPUs.</summary>
    /// <param name="deviceCount">How many devices, from 1 to 64. All of them share the machine's memory and processors.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside that range.</exception>
    public HostDeviceApi(int deviceCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(deviceCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(deviceCount, 64);
        devices = new HostDevice[deviceCount];
        for (int i = 0; i < deviceCount; i++)
        {
            devices[i] = new HostDevice(this, i);
        }

        Memory = new HostMemoryApi(this);
        Streams = new HostStreamApi(this);
        Graphs = new HostGraphApi(this);
        Modules = new HostModuleApi();
        Pools = new HostPoolApi(this);
        Ipc = new HostIpcApi();
    }

    /// <summary>The instance behind <see cref="Device.Host"/>, with one device.</summary>
    public static HostDeviceApi Instance => Shared.Value;

    /// <inheritdoc/>
    public string Name => "host";

    /// <inheritdoc/>
    public bool IsHost => true;

    /// <inheritdoc/>
    public int DeviceCount => devices.Length;

    /// <inheritdoc/>
    public IMemoryApi Memory { get; }

    /// <inheritdoc/>
    public IStreamApi Streams { get; }

    /// <inheritdoc/>
    public IGraphApi Graphs { get; }

    /// <inheritdoc/>
    public IModuleApi Modules { get; }

    /// <inheritdoc/>
    public IPoolApi Pools { get; }

    /// <inheritdoc/>
    /// <remarks>All of it is refused: memory of the host stand-in is this process's own.</remarks>
    public IIpcApi Ipc { get; }

    /// <inheritdoc/>
    public int CurrentDevice => Math.Min(currentDevice, devices.Length - 1);

    /// <summary>Finds the stream behind a handle, as a runtime on the CPU must that is given one.</summary>
    /// <param name="handle">The handle of a stream of any <see cref="HostDeviceApi"/>; 0 and 1 are the default stream of <see cref="Device.Host"/>.</param>
    /// <returns>The stream.</returns>
    /// <exception cref="CudaException">The handle is no host stream's, or the stream was disposed.</exception>
    public static HostStream StreamFromHandle(nint handle)
    {
        if (TryGetStream(handle, out HostStream? stream))
        {
            return stream;
        }

        throw new CudaException(CudaResult.InvalidHandle, "StreamFromHandle", string.Create(CultureInfo.InvariantCulture,
            $"0x{handle:x} is no stream of the host stand-in, or was disposed. A runtime on the CPU needs a CudaStream made with Device.Host, or 0 for the default stream; streams of a GPU do not work there."));
    }

    /// <summary>Finds the stream behind a handle, without an exception.</summary>
    /// <param name="handle">As for <see cref="StreamFromHandle"/>.</param>
    /// <param name="stream">The stream.</param>
    /// <returns>False where the handle is no host stream's or the stream was disposed.</returns>
    public static bool TryGetStream(nint handle, [NotNullWhen(true)] out HostStream? stream)
    {
        stream = handle is 0 or 1 ? Instance.devices[0].DefaultStream : HostStreamApi.Table.Find(handle);
        return stream is not null;
    }

    /// <inheritdoc/>
    public void SetCurrentDevice(int device) => currentDevice = Get(device).Ordinal;

    /// <inheritdoc/>
    public nint Enter(int device)
    {
        nint before = currentDevice;
        currentDevice = Get(device).Ordinal;
        return before;
    }

    /// <inheritdoc/>
    public void Leave(nint token) => currentDevice = (int)token;

    /// <inheritdoc/>
    public DeviceProperties GetProperties(int device) => new()
    {
        Name = $"Host stand-in {Get(device).Ordinal} ({RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} processors)",
        ComputeCapability = new Version(0, 0),
        TotalMemory = HostDevice.TotalMemory,
        MultiprocessorCount = Environment.ProcessorCount,
        Uuid = $"HOST-00000000-0000-0000-0000-{device:x12}",
        PciBusId = "",
    };

    /// <inheritdoc/>
    /// <remarks>Attributes that mean nothing on a CPU are 0.</remarks>
    public int GetAttribute(int device, DeviceAttribute attribute)
    {
        _ = Get(device);
        return attribute switch
        {
            DeviceAttribute.MultiprocessorCount => Environment.ProcessorCount,
            DeviceAttribute.WarpSize or DeviceAttribute.Integrated or DeviceAttribute.CanMapHostMemory or DeviceAttribute.UnifiedAddressing
                or DeviceAttribute.MemoryPoolsSupported => 1,
            _ => 0,
        };
    }

    /// <inheritdoc/>
    public MemoryInfo GetMemoryInfo(int device) => new(Get(device).FreeMemory, HostDevice.TotalMemory);

    /// <inheritdoc/>
    public void Synchronize(int device)
    {
        if (HostStream.IsWorker)
        {
            throw new CudaException(CudaResult.NotPermitted, "Synchronize", "A callback in a stream must not wait for a device.");
        }

        Get(device).Drain(blockingOnly: false);
        Get(device).DefaultStream.Drain();
    }

    /// <inheritdoc/>
    /// <remarks>There is no context; the handle is the device's number plus 1.</remarks>
    public nint RetainPrimaryContext(int device) => Get(device).Ordinal + 1;

    /// <inheritdoc/>
    public void ReleasePrimaryContext(int device) => _ = Get(device);

    /// <inheritdoc/>
    public bool CanAccessPeer(int device, int peer) => Get(device) != Get(peer);

    /// <inheritdoc/>
    public void EnablePeerAccess(int device, int peer)
    {
        if (!CanAccessPeer(device, peer))
        {
            throw new CudaException(CudaResult.InvalidDevice, "EnablePeerAccess", $"host:{device} is no peer of itself.");
        }

        lock (peers)
        {
            peers.Add((device, peer));
        }
    }

    /// <inheritdoc/>
    public void DisablePeerAccess(int device, int peer)
    {
        _ = Get(device);
        _ = Get(peer);
        lock (peers)
        {
            peers.Remove((device, peer));
        }
    }

    internal HostDevice Get(int device) => (uint)device < (uint)devices.Length
        ? devices[device]
        : throw new CudaException(CudaResult.InvalidDevice, "HostDeviceApi", $"host:{device} does not exist; there are {devices.Length} host devices, numbered from 0.");
}
