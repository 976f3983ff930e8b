using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>A context's own memory for one tensor: on the device, and page-locked on the host. It grows and never shrinks; growing loses the content.</summary>
/// <param name="device">On the host stand-in, and for tensors that lie on the host, both are one.</param>
/// <param name="isOnHost">Whether the tensor lies on the host.</param>
internal sealed class RunMemory(Device device, bool isOnHost) : IDisposable
{
    private const long Alignment = 512;

    private readonly List<DeviceMemory<byte>> retired = [];
    private DeviceMemory<byte>? onDevice;
    private PinnedMemory<Block>? onHost;

    /// <summary>The device's memory, of at least so many bytes.</summary>
    public nint OnDevice(long bytes)
    {
        if (isOnHost)
        {
            return OnHost(bytes);
        }

        if (onDevice is null || onDevice.ByteLength < bytes)
        {
            onDevice?.Dispose();
            onDevice = null;
            onDevice = new DeviceMemory<byte>(Size(bytes, 0), device);
        }

        return onDevice.Pointer;
    }

    /// <summary>The same inside of a run, where nothing may wait for the stream: what was there before is freed later.</summary>
    public nint OnDeviceDuringRun(long bytes)
    {
        if (!isOnHost && onDevice is not null && onDevice.ByteLength < bytes)
        {
            retired.Add(onDevice);
            bytes = Size(bytes, onDevice.ByteLength);
            onDevice = null;
        }

        return OnDevice(bytes);
    }

    /// <summary>Frees what growing during runs has left. No run may be under way.</summary>
    public void FreeRetired()
    {
        if (retired.Count > 0)
        {
            retired.ForEach(memory => memory.Dispose());
            retired.Clear();
        }
    }

    /// <summary>Memory that the host can use, of at least so many bytes.</summary>
    public unsafe nint OnHost(long bytes)
    {
        if (device.IsHost && !isOnHost)
        {
            return OnDevice(bytes);
        }

        if (onHost is null || (long)onHost.Length * sizeof(Block) < bytes)
        {
            onHost?.Dispose();
            onHost = null;
            onHost = new PinnedMemory<Block>(checked((int)(Size(bytes, 0) / sizeof(Block))), device);
        }

        return onHost.Pointer;
    }

    public void Dispose()
    {
        FreeRetired();
        onDevice?.Dispose();
        onHost?.Dispose();
    }

    /// <summary>An output that grows during runs gets half as much again, so that it soon grows no more.</summary>
    private static long Size(long bytes, long before) => (Math.Max(Math.Max(bytes, before + (before / 2)), 1) + Alignment - 1) / Alignment * Alignment;

    /// <summary>The unit of page-locked memory, whose length is counted in 32 bits.</summary>
    private unsafe struct Block
    {
        public fixed byte Bytes[(int)Alignment];
    }
}
