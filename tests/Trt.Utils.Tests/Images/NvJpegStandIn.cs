using System.Runtime.InteropServices;
using Trt.Interop.Cuda;

namespace Trt.Utils.Tests.Images;

/// <summary>nvJPEG's functions on the host: decodes with libjpeg-turbo, on the stream that it is given, and checks what it is told.</summary>
internal static unsafe class NvJpegStandIn
{
    private static int alive;
    private static int decoded;
    private static int batches;

    /// <summary>Handles, states and parsed streams that were not destroyed.</summary>
    public static int Alive => Volatile.Read(ref alive);

    /// <summary>Files that were queued.</summary>
    public static int Decoded => Volatile.Read(ref decoded);

    /// <summary>Calls for several files.</summary>
    public static int Batches => Volatile.Read(ref batches);

    /// <summary>The library.</summary>
    /// <param name="lacking">Functions that it has not.</param>
    public static NvJpegFunctions Functions(params string[] lacking) => new(name => lacking.Contains(name) ? 0 : name switch
    {
        "nvjpegCreateEx" => (nint)(delegate* unmanaged<int, void*, void*, uint, nint*, NvJpegStatus>)&CreateEx,
        "nvjpegDestroy" => (nint)(delegate* unmanaged<nint, NvJpegStatus>)&Destroy,
        "nvjpegJpegStateCreate" => (nint)(delegate* unmanaged<nint, nint*, NvJpegStatus>)&StateCreate,
        "nvjpegJpegStateDestroy" => (nint)(delegate* unmanaged<nint, NvJpegStatus>)&Destroy,
        "nvjpegDecode" => (nint)(delegate* unmanaged<nint, nint, byte*, nuint, int, NvJpegImage*, nint, NvJpegStatus>)&Decode,
        "nvjpegDecodeBatchedInitialize" => (nint)(delegate* unmanaged<nint, nint, int, int, int, NvJpegStatus>)&Initialize,
        "nvjpegDecodeBatched" => (nint)(delegate* unmanaged<nint, nint, byte**, nuint*, NvJpegImage*, nint, NvJpegStatus>)&DecodeBatched,
        "nvjpegJpegStreamCreate" => (nint)(delegate* unmanaged<nint, nint*, NvJpegStatus>)&StateCreate,
        "nvjpegJpegStreamDestroy" => (nint)(delegate* unmanaged<nint, NvJpegStatus>)&Destroy,
        "nvjpegJpegStreamParseHeader" => (nint)(delegate* unmanaged<nint, byte*, nuint, nint, NvJpegStatus>)&Parse,
        "nvjpegDecodeBatchedSupported" => (nint)(delegate* unmanaged<nint, nint, int*, NvJpegStatus>)&Supported,
        "nvjpegGetHardwareDecoderInfo" => (nint)(delegate* unmanaged<nint, uint*, uint*, NvJpegStatus>)&Engines,
        _ => 0,
    });

    [UnmanagedCallersOnly]
    private static NvJpegStatus CreateEx(int backend, void* device, void* pinned, uint flags, nint* handle)
    {
        if (backend is not (NvJpegFunctions.Hardware or NvJpegFunctions.GpuHybrid or NvJpegFunctions.Hybrid) || device is not null || pinned is not null || flags != 0)
        {
            return NvJpegStatus.InvalidParameter;
        }

        return New(handle, backend);
    }

    [UnmanagedCallersOnly]
    private static NvJpegStatus StateCreate(nint handle, nint* state) => New(state, 0);

    [UnmanagedCallersOnly]
    private static NvJpegStatus Destroy(nint state)
    {
        Interlocked.Decrement(ref alive);
        NativeMemory.Free((void*)state);
        return NvJpegStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static NvJpegStatus Decode(nint handle, nint state, byte* file, nuint length, int format, NvJpegImage* target, nint stream) => Queue(file, length, format, target, stream);

    [UnmanagedCallersOnly]
    private static NvJpegStatus Initialize(nint handle, nint state, int size, int threads, int format)
    {
        *(int*)state = size;
        return format == NvJpegFunctions.RgbInterleaved && size > 0 && threads > 0 ? NvJpegStatus.Success : NvJpegStatus.InvalidParameter;
    }

    [UnmanagedCallersOnly]
    private static NvJpegStatus DecodeBatched(nint handle, nint state, byte** files, nuint* lengths, NvJpegImage* targets, nint stream)
    {
        Interlocked.Increment(ref batches);
        for (int i = 0; i < *(int*)state; i++)
        {
            if (Queue(files[i], lengths[i], NvJpegFunctions.RgbInterleaved, targets + i, stream) is var status and not NvJpegStatus.Success)
            {
                return status; // one bad file spoils a batch, as with the real one
            }
        }

        return NvJpegStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static NvJpegStatus Parse(nint handle, byte* file, nuint length, nint parsed)
    {
        *(int*)parsed = new ReadOnlySpan<byte>(file, (int)length).IndexOf("not for hardware"u8) >= 0 ? 1 : 0;
        return NvJpegStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static NvJpegStatus Supported(nint handle, nint parsed, int* answer)
    {
        *answer = *(int*)parsed;
        return NvJpegStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static NvJpegStatus Engines(nint handle, uint* engines, uint* cores)
    {
        (*engines, *cores) = (7, 1);
        return NvJpegStatus.Success;
    }

    private static NvJpegStatus New(nint* made, int value)
    {
        Interlocked.Increment(ref alive);
        *made = (nint)NativeMemory.AllocZeroed(64);
        *(int*)*made = value;
        return NvJpegStatus.Success;
    }

    /// <summary>Decodes when the stream comes to it, as a GPU would: the file and the target must still be there.</summary>
    private static NvJpegStatus Queue(byte* file, nuint length, int format, NvJpegImage* target, nint stream)
    {
        if (format != NvJpegFunctions.RgbInterleaved || target->Channel1 != 0 || target->Pitch0 % 3 != 0)
        {
            return NvJpegStatus.InvalidParameter;
        }

        if (JpegHeader.Read(new ReadOnlySpan<byte>(file, (int)length), out JpegHeader header) is not null || new ReadOnlySpan<byte>(file, (int)length).IndexOf("bad for nvJPEG"u8) >= 0)
        {
            return NvJpegStatus.BadJpeg;
        }

        Interlocked.Increment(ref decoded);
        nint channel = target->Channel0, source = (nint)file;
        HostDeviceApi.StreamFromHandle(stream).Enqueue(
            _ => JpegDecoder.DecodeRgb(new ReadOnlySpan<byte>((void*)source, (int)length), "stand-in", header.Width, header.Height, new Span<byte>((void*)channel, header.Width * header.Height * 3)),
            null);
        return NvJpegStatus.Success;
    }
}
