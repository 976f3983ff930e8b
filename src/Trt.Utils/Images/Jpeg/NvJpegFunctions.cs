namespace Trt.Utils;

/// <summary>The functions of nvJPEG that are used, by the public C interface of nvjpeg.h.</summary>
/// <param name="find">The address of a function by its name; 0 where the library lacks it.</param>
internal sealed unsafe class NvJpegFunctions(Func<string, nint> find)
{
    /// <summary>nvjpegBackend_t.</summary>
    public const int Hybrid = 1, GpuHybrid = 2, Hardware = 3;

    /// <summary>NVJPEG_OUTPUT_RGBI of nvjpegOutputFormat_t: red, green, blue next to each other; grey pictures are repeated.</summary>
    public const int RgbInterleaved = 5;

    /// <summary>backend, device allocator, pinned allocator, flags, handle.</summary>
    public readonly delegate* unmanaged<int, void*, void*, uint, nint*, NvJpegStatus> CreateEx = (delegate* unmanaged<int, void*, void*, uint, nint*, NvJpegStatus>)Need(find, "nvjpegCreateEx");

    /// <summary>handle.</summary>
    public readonly delegate* unmanaged<nint, NvJpegStatus> Destroy = (delegate* unmanaged<nint, NvJpegStatus>)Need(find, "nvjpegDestroy");

    /// <summary>handle, state.</summary>
    public readonly delegate* unmanaged<nint, nint*, NvJpegStatus> StateCreate = (delegate* unmanaged<nint, nint*, NvJpegStatus>)Need(find, "nvjpegJpegStateCreate");

    /// <summary>state.</summary>
    public readonly delegate* unmanaged<nint, NvJpegStatus> StateDestroy = (delegate* unmanaged<nint, NvJpegStatus>)Need(find, "nvjpegJpegStateDestroy");

    /// <summary>handle, state, file, length, output format, destination, stream.</summary>
    public readonly delegate* unmanaged<nint, nint, byte*, nuint, int, NvJpegImage*, nint, NvJpegStatus> Decode =
        (delegate* unmanaged<nint, nint, byte*, nuint, int, NvJpegImage*, nint, NvJpegStatus>)Need(find, "nvjpegDecode");

    /// <summary>handle, state, batch size, CPU threads, output format.</summary>
    public readonly delegate* unmanaged<nint, nint, int, int, int, NvJpegStatus> DecodeBatchedInitialize =
        (delegate* unmanaged<nint, nint, int, int, int, NvJpegStatus>)Need(find, "nvjpegDecodeBatchedInitialize");

    /// <summary>handle, state, files, lengths, destinations, stream.</summary>
    public readonly delegate* unmanaged<nint, nint, byte**, nuint*, NvJpegImage*, nint, NvJpegStatus> DecodeBatched =
        (delegate* unmanaged<nint, nint, byte**, nuint*, NvJpegImage*, nint, NvJpegStatus>)Need(find, "nvjpegDecodeBatched");

    /// <summary>handle, parsed stream. Null before CUDA 11.</summary>
    public readonly delegate* unmanaged<nint, nint*, NvJpegStatus> StreamCreate = (delegate* unmanaged<nint, nint*, NvJpegStatus>)find("nvjpegJpegStreamCreate");

    /// <summary>parsed stream.</summary>
    public readonly delegate* unmanaged<nint, NvJpegStatus> StreamDestroy = (delegate* unmanaged<nint, NvJpegStatus>)find("nvjpegJpegStreamDestroy");

    /// <summary>handle, file, length, parsed stream.</summary>
    public readonly delegate* unmanaged<nint, byte*, nuint, nint, NvJpegStatus> StreamParseHeader = (delegate* unmanaged<nint, byte*, nuint, nint, NvJpegStatus>)find("nvjpegJpegStreamParseHeader");

    /// <summary>handle, parsed stream, answer: 0 where the hardware takes it.</summary>
    public readonly delegate* unmanaged<nint, nint, int*, NvJpegStatus> DecodeBatchedSupported = (delegate* unmanaged<nint, nint, int*, NvJpegStatus>)find("nvjpegDecodeBatchedSupported");

    /// <summary>handle, engines, cores of each. Null before CUDA 11.</summary>
    public readonly delegate* unmanaged<nint, uint*, uint*, NvJpegStatus> GetHardwareDecoderInfo = (delegate* unmanaged<nint, uint*, uint*, NvJpegStatus>)find("nvjpegGetHardwareDecoderInfo");

    /// <summary>Whether the library can say which files its hardware takes.</summary>
    public bool KnowsHardware => StreamCreate is not null && StreamDestroy is not null && StreamParseHeader is not null && DecodeBatchedSupported is not null;

    /// <summary>In the words of nvjpeg.h's reference.</summary>
    public static string Describe(NvJpegStatus status) => status switch
    {
        NvJpegStatus.BadJpeg => "the file is damaged",
        NvJpegStatus.JpegNotSupported => "JPEG files of this kind are not supported",
        NvJpegStatus.AllocatorFailure => "the GPU has too little memory",
        NvJpegStatus.ExecutionFailed => "the GPU failed",
        NvJpegStatus.ArchMismatch => "this GPU lacks what it takes",
        NvJpegStatus.IncompleteBitstream => "the file is cut off",
        _ => $"{status}",
    };

    private static nint Need(Func<string, nint> find, string name) => find(name) is var function and not 0 ? function
        : throw new NotSupportedException($"The library of nvJPEG has no function {name}; install CUDA 11 or newer.");
}
