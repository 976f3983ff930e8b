using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Hands a library a plan of more than 2 GiB piece by piece.</summary>
internal sealed unsafe class PlanReader(nint plan, long length) : IStreamReader, IStreamReaderV2
{
    private long at;

    public long Read(Span<byte> destination)
    {
        int bytes = (int)Math.Min(destination.Length, length - at);
        new ReadOnlySpan<byte>((byte*)plan + at, bytes).CopyTo(destination);
        at += bytes;
        return bytes;
    }

    public long Read(nint destination, long nbBytes, nint stream)
    {
        // The library may want weights straight in the memory of the GPU.
        long bytes = Math.Min(nbBytes, length - at);
        Device device = Device.Current;
        if (device.Api.Memory.IsDeviceMemory(destination))
        {
            device.Api.Memory.CopyToDevice(device.Ordinal, destination, plan + (nint)at, (nuint)bytes);
        }
        else
        {
            Buffer.MemoryCopy((byte*)plan + at, (void*)destination, nbBytes, bytes);
        }

        at += bytes;
        return bytes;
    }

    public bool Seek(long offset, SeekPosition where)
    {
        long target = where switch
        {
            SeekPosition.Cur => at + offset,
            SeekPosition.End => length + offset,
            _ => offset,
        };
        if (target < 0 || target > length)
        {
            return false;
        }

        at = target;
        return true;
    }
}
