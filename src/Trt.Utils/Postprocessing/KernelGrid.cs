using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>What all launches of kernels for scores and boxes share.</summary>
internal static class KernelGrid
{
    /// <summary>Threads of a block.</summary>
    public const uint Threads = 256;

    /// <summary>Blocks for a loop over so many elements: a thread each, up to what fills any GPU.</summary>
    public static uint Blocks(long elements) => (uint)Math.Clamp((elements + Threads - 1) / Threads, 1, 8192);

    /// <summary>Memory of the stream's device.</summary>
    public static void Check(DeviceMemory? memory, CudaStream? stream, string parameter)
    {
        ArgumentNullException.ThrowIfNull(memory, parameter);
        ArgumentNullException.ThrowIfNull(stream);
        if (memory.Device != stream.Device)
        {
            throw new ArgumentException($"The memory is of {memory.Device}, the stream of {stream.Device}; both must be of one device.", parameter);
        }
    }

    /// <summary>Memory of the stream's device with room for so many bytes.</summary>
    public static void Check(DeviceMemory? memory, long bytes, CudaStream? stream, string parameter)
    {
        Check(memory, stream, parameter);
        if (memory!.ByteLength < bytes)
        {
            throw new ArgumentException($"{memory} is too short; {bytes} bytes are needed.", parameter);
        }
    }

    /// <summary>A workspace: also aligned for numbers of eight bytes.</summary>
    public static void CheckWorkspace(DeviceMemory<byte>? workspace, long bytes, CudaStream? stream)
    {
        if (bytes == 0)
        {
            return;
        }

        Check(workspace, bytes, stream, nameof(workspace));
        if (workspace!.Pointer % 16 != 0)
        {
            throw new ArgumentException("The workspace must be aligned to 16 bytes, as memory is that is no slice.", nameof(workspace));
        }
    }
}
