using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>A tensor's memory on the device, and what its copies go from or to on the host; with managed memory both are one.</summary>
internal sealed unsafe class BenchmarkBuffer : IDisposable
{
    private readonly Device device;
    private readonly bool isManaged;
    private DeviceMemory<byte>? onDevice;
    private PinnedMemory<long>? onHost;

    /// <param name="device">The device.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="isManaged">Whether it is managed memory.</param>
    /// <param name="hasDevice">Whether it has memory on the device of its own.</param>
    public BenchmarkBuffer(Device device, long bytes, bool isManaged, bool hasDevice)
    {
        this.device = device;
        this.isManaged = isManaged && hasDevice;
        try
        {
            if (hasDevice)
            {
                onDevice = isManaged ? DeviceMemory<byte>.AllocateManaged(bytes, device) : new DeviceMemory<byte>(Math.Max(bytes, 1), device);
            }

            Grow(bytes);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Its address for the network.</summary>
    public nint DevicePointer => onDevice?.Pointer ?? 0;

    /// <summary>Its length on the host, or everywhere.</summary>
    public long Bytes { get; private set; }

    /// <summary>The host's side.</summary>
    public Span<byte> Host => new((void*)HostPointer, checked((int)Bytes));

    private nint HostPointer => isManaged ? onDevice!.Pointer : onHost!.Pointer;

    /// <summary>Whether the host's side has to grow for an output whose length depends on data.</summary>
    public bool IsTooSmall(long bytes)
    {
        Bytes = bytes;
        return !isManaged && (onHost is null || bytes > (long)onHost.Length * sizeof(long));
    }

    /// <summary>Makes room on the host. No copy may be under way.</summary>
    public void Grow(long bytes)
    {
        if (IsTooSmall(bytes))
        {
            onHost?.Dispose();
            onHost = null;
            onHost = new PinnedMemory<long>(checked((int)((bytes + 7) / 8)), device);
        }
    }

    public void CopyToDevice(CudaStream stream)
    {
        if (isManaged)
        {
            device.Api.Memory.PrefetchAsync(device.Ordinal, DevicePointer, (nuint)Bytes, toHost: false, stream.Handle);
        }
        else if (Bytes > 0)
        {
            device.Api.Memory.CopyToDeviceAsync(device.Ordinal, DevicePointer, HostPointer, (nuint)Bytes, stream.Handle);
        }
    }

    /// <summary>Copies an output to the host.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="source">Where it is.</param>
    public void CopyToHost(CudaStream stream, nint source)
    {
        if (isManaged)
        {
            device.Api.Memory.PrefetchAsync(device.Ordinal, source, (nuint)Bytes, toHost: true, stream.Handle);
        }
        else if (Bytes > 0)
        {
            device.Api.Memory.CopyToHostAsync(device.Ordinal, HostPointer, source, (nuint)Bytes, stream.Handle);
        }
    }

    public void Dispose()
    {
        onDevice?.Dispose();
        onHost?.Dispose();
        onDevice = null;
        onHost = null;
    }
}
