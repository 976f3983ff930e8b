namespace Trt.Utils;

/// <summary>What functions of nvJPEG return, by nvjpeg.h's numbers.</summary>
internal enum NvJpegStatus
{
    Success = 0,
    NotInitialized = 1,
    InvalidParameter = 2,
    BadJpeg = 3,
    JpegNotSupported = 4,
    AllocatorFailure = 5,
    ExecutionFailed = 6,
    ArchMismatch = 7,
    InternalError = 8,
    ImplementationNotSupported = 9,
    IncompleteBitstream = 10,
}
