using Trt.Interop.Cuda;

namespace Trt.Lite;

/// <summary>A tensor's memory for runs that overlap with the host's work: one place on the device, two page-locked ones on the host.</summary>
internal sealed class OverlapMemory(Device device) : IDisposable
{
    private readonly PinnedMemory<byte>?[] onHost = new PinnedMemory<byte>?[2];
    private DeviceMemory<byte>? onDevice;
    private DeviceMemory<byte>? used;

    /// <summary>Bytes of a run.</summary>
    public int Bytes { get; private set; }

    /// <summary>Where the run has it.</summary>
    public nint Pointer => onDevice!.Pointer;

    /// <summary>Makes room for a run. Nothing may be under way.</summary>
    public void Need(long bytes)
    {
        if (used is not null && bytes == Bytes)
        {
            return;
        }

        if (onDevice is null || onDevice.ByteLength < bytes)
        {
            Dispose();
            onDevice = new DeviceMemory<byte>(Math.Max(bytes, 1), device);
            for (int i = 0; i < onHost.Length; i++)
            {
                onHost[i] = new PinnedMemory<byte>(checked((int)Math.Max(bytes, 1)), device);
            }
        }

        Bytes = checked((int)bytes);
        used = onDevice.Slice(0, bytes);
    }

    /// <summary>The host's side of a run.</summary>
    public Span<byte> Host(int side) => onHost[side]!.Span[..Bytes];

    /// <summary>Queues the copy of a side to the device.</summary>
    public unsafe void ToDevice(int side, CudaStream stream) => used!.CopyFromAsync((byte*)onHost[side]!.Pointer, Bytes, stream);

    /// <summary>Queues the copy from the device to a side.</summary>
    public unsafe void ToHost(int side, CudaStream stream) => used!.CopyToAsync((byte*)onHost[side]!.Pointer, Bytes, stream);

    public void Dispose()
    {
        used = null;
        onDevice?.Dispose();
        onDevice = null;
        foreach (PinnedMemory<byte>? memory in onHost)
        {
            memory?.Dispose();
        }
    }
}
