using System.Runtime.CompilerServices;

namespace Trt.Interop.Cuda;

/// <summary>A GPU, or its stand-in in host memory.</summary>
/// <remarks>There is one object for each device, so that devices can be compared by reference. Safe to use from any thread.</remarks>
public sealed class Device
{
    private static readonly ConditionalWeakTable<IDeviceApi, Device[]> Known = new();

    [ThreadStatic]
    private static Device? chosen; // set only for devices of the host stand-in; the driver itself remembers a GPU

    private readonly Lazy<DeviceProperties> properties;

    private Device(IDeviceApi api, int ordinal)
    {
        Api = api;
        Ordinal = ordinal;
        properties = new Lazy<DeviceProperties>(() => Api.GetProperties(Ordinal));
        DefaultStream = CudaStream.ForDefault(this);
    }

    /// <summary>The GPUs of this machine in the driver's order; where there is no driver or no GPU, <see cref="Host"/> alone.</summary>
    public static IReadOnlyList<Device> All => CudaDriver.IsAvailable(out _) ? Of(CudaDeviceApi.Instance) : [Host];

    /// <summary>The stand-in in host memory.</summary>
    public static Device Host => Of(HostDeviceApi.Instance)[0];

    /// <summary>The calling thread's device: what <see cref="MakeCurrent"/> or <see cref="Use"/> chose, or the CUDA runtime; otherwise the first of <see cref="All"/>.</summary>
    public static Device Current
    {
        get
        {
            if (chosen is { } device)
            {
                return device;
            }

            return CudaDriver.IsAvailable(out _) ? Of(CudaDeviceApi.Instance)[CudaDeviceApi.Instance.CurrentDevice] : Host;
        }
    }

    /// <summary>The API that the device belongs to.</summary>
    public IDeviceApi Api { get; }

    /// <summary>Its number in its API, from 0.</summary>
    public int Ordinal { get; }

    /// <summary>Whether it is a stand-in, whose memory the CPU can read.</summary>
    public bool IsHost => Api.IsHost;

    /// <summary>What does not change about it.</summary>
    public DeviceProperties Properties => properties.Value;

    /// <summary>The product's name.</summary>
    public string Name => Properties.Name;

    /// <summary>The legacy default stream, handle 0. Disposing it does nothing.</summary>
    public CudaStream DefaultStream { get; }

    /// <summary>Free and total memory at this moment.</summary>
    public MemoryInfo Memory => Api.GetMemoryInfo(Ordinal);

    /// <summary>Whether memory can be allocated and freed in stream order.</summary>
    public bool SupportsMemoryPools => GetAttribute(DeviceAttribute.MemoryPoolsSupported) != 0;

    /// <summary>How many bytes of unused memory the pool keeps over a synchronisation. 0 at first: each synchronisation gives all of it back, and the next allocation is slow.</summary>
    public ulong PoolReleaseThreshold
    {
        get => Api.Memory.GetPoolReleaseThreshold(Ordinal);
        set => Api.Memory.SetPoolReleaseThreshold(Ordinal, value);
    }

    /// <summary>The priorities of streams: the number that runs last and the number that runs first (the lower one).</summary>
    public (int Least, int Greatest) StreamPriorities => Api.Streams.GetPriorityRange(Ordinal);

    /// <summary>The devices of an API, in its order.</summary>
    /// <param name="api">The API.</param>
    /// <returns>The same objects each time.</returns>
    public static IReadOnlyList<Device> Of(IDeviceApi api)
    {
        ArgumentNullException.ThrowIfNull(api);
        return Known.GetValue(api, static key =>
        {
            Device[] devices = new Device[key.DeviceCount];
            for (int i = 0; i < devices.Length; i++)
            {
                devices[i] = new Device(key, i);
            }

            return devices;
        });
    }

    /// <summary>Reads one attribute.</summary>
    /// <param name="attribute">Which.</param>
    /// <returns>Its value, in the attribute's unit.</returns>
    public int GetAttribute(DeviceAttribute attribute) => Api.GetAttribute(Ordinal, attribute);

    /// <summary>Makes it the calling thread's device until further notice, for TensorRT and the CUDA runtime too.</summary>
    public void MakeCurrent()
    {
        Api.SetCurrentDevice(Ordinal);
        chosen = IsHost ? this : null;
    }

    /// <summary>Makes it the calling thread's device until the result is disposed.</summary>
    /// <returns>A scope; dispose it on the same thread, with <c>using</c>.</returns>
    public DeviceScope Use()
    {
        nint token = Api.Enter(Ordinal);
        Device? before = chosen;
        chosen = IsHost ? this : null;
        return new DeviceScope(Api, token, before);
    }

    /// <summary>Waits until all its streams have run what was queued so far. What callbacks threw stays with their streams.</summary>
    /// <exception cref="CudaException">The device failed, or the thread is in a callback of a stream.</exception>
    public void Synchronize() => Api.Synchronize(Ordinal);

    /// <summary>Takes a reference on the primary context, for code that calls the driver itself.</summary>
    /// <returns>The reference; dispose it to give it back.</returns>
    public PrimaryContext RetainPrimaryContext() => new(this);

    /// <summary>Whether this device can read and write the other's memory directly.</summary>
    /// <param name="peer">The other device.</param>
    /// <returns>False also for itself and for devices of another API.</returns>
    public bool CanAccessPeer(Device peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return peer != this && peer.Api == Api && Api.CanAccessPeer(Ordinal, peer.Ordinal);
    }

    /// <summary>Lets kernels and copies of this device use the other's memory directly.</summary>
    /// <param name="peer">The other device; of the same API.</param>
    /// <exception cref="CudaException">The devices cannot reach each other.</exception>
    public void EnablePeerAccess(Device peer)
    {
        CheckPeer(peer);
        Api.EnablePeerAccess(Ordinal, peer.Ordinal);
    }

    /// <summary>Takes direct access away again; nothing happens where there is none.</summary>
    /// <param name="peer">The other device; of the same API.</param>
    public void DisablePeerAccess(Device peer)
    {
        CheckPeer(peer);
        Api.DisablePeerAccess(Ordinal, peer.Ordinal);
    }

    /// <summary>Returns unused memory of the pool to the system.</summary>
    /// <param name="bytesToKeep">What the pool may keep.</param>
    public void TrimPool(long bytesToKeep = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytesToKeep);
        Api.Memory.TrimPool(Ordinal, (nuint)bytesToKeep);
    }

    /// <summary>Its short name: <c>cuda:0</c> or <c>host:0</c>.</summary>
    public override string ToString() => $"{Api.Name}:{Ordinal}";

    /// <summary>The host device that the calling thread has chosen; null where the driver's choice counts.</summary>
    internal static Device? Chosen => chosen;

    internal static void Restore(Device? before) => chosen = before;

    /// <summary>Notes a thread's choice of a host device.</summary>
    /// <returns>The choice before.</returns>
    internal static Device? Choose(Device? device)
    {
        Device? before = chosen;
        chosen = device;
        return before;
    }

    private void CheckPeer(Device peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (peer.Api != Api)
        {
            throw new ArgumentException($"{this} and {peer} belong to different APIs and cannot be peers.", nameof(peer));
        }
    }
}
