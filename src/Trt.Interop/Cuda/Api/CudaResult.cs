namespace Trt.Interop.Cuda;

/// <summary>Results of driver calls, by the driver's numbers. Numbers that are not listed occur too.</summary>
public enum CudaResult
{
    /// <summary>No error.</summary>
    Success = 0,

    /// <summary>An argument is outside what the call accepts.</summary>
    InvalidValue = 1,

    /// <summary>The device or the host has too little memory left.</summary>
    OutOfMemory = 2,

    /// <summary>The driver was not initialised.</summary>
    NotInitialized = 3,

    /// <summary>The driver is shutting down with the process.</summary>
    Deinitialized = 4,

    /// <summary>The toolkit's link-time stub was loaded in place of the driver.</summary>
    StubLibrary = 34,

    /// <summary>Another process has the device to itself, or it is not allowed here.</summary>
    DeviceUnavailable = 46,

    /// <summary>No GPU that CUDA can use.</summary>
    NoDevice = 100,

    /// <summary>No device of that number.</summary>
    InvalidDevice = 101,

    /// <summary>The GPU code is no valid image.</summary>
    InvalidImage = 200,

    /// <summary>The context is gone, or the thread has none.</summary>
    InvalidContext = 201,

    /// <summary>The GPU code has nothing for this GPU.</summary>
    NoBinaryForGpu = 209,

    /// <summary>The two devices cannot reach each other's memory.</summary>
    PeerAccessUnsupported = 217,

    /// <summary>The PTX text does not compile.</summary>
    InvalidPtx = 218,

    /// <summary>The PTX text is newer than the driver.</summary>
    UnsupportedPtxVersion = 222,

    /// <summary>A call of the operating system failed.</summary>
    OperatingSystem = 304,

    /// <summary>A stream, event, graph or module is unknown or gone.</summary>
    InvalidHandle = 400,

    /// <summary>The object is not in a state that allows the call.</summary>
    IllegalState = 401,

    /// <summary>Nothing of that name.</summary>
    NotFound = 500,

    /// <summary>Work before the event or in the stream is not done.</summary>
    NotReady = 600,

    /// <summary>A kernel used an address that is not valid.</summary>
    IllegalAddress = 700,

    /// <summary>The kernel needs more registers or shared memory than a block may have.</summary>
    LaunchOutOfResources = 701,

    /// <summary>A kernel ran longer than the system allows.</summary>
    LaunchTimeout = 702,

    /// <summary>Direct access was already given.</summary>
    PeerAccessAlreadyEnabled = 704,

    /// <summary>Direct access was not given.</summary>
    PeerAccessNotEnabled = 705,

    /// <summary>The primary context is already in use.</summary>
    PrimaryContextActive = 708,

    /// <summary>The thread's context was destroyed.</summary>
    ContextIsDestroyed = 709,

    /// <summary>An assertion in a kernel failed.</summary>
    Assert = 710,

    /// <summary>A kernel died.</summary>
    LaunchFailed = 719,

    /// <summary>The call is not allowed here.</summary>
    NotPermitted = 800,

    /// <summary>The device or the driver does not support the call.</summary>
    NotSupported = 801,

    /// <summary>A system service that the GPUs need is not running.</summary>
    SystemNotReady = 802,

    /// <summary>The kernel's driver and the driver library are of different releases.</summary>
    SystemDriverMismatch = 803,

    /// <summary>The compatibility package does not support this GPU.</summary>
    CompatNotSupportedOnDevice = 804,

    /// <summary>The call is not allowed while a stream records.</summary>
    StreamCaptureUnsupported = 900,

    /// <summary>An earlier error spoilt the recording.</summary>
    StreamCaptureInvalidated = 901,

    /// <summary>Two recordings would be joined.</summary>
    StreamCaptureMerge = 902,

    /// <summary>The recording was not begun with this stream.</summary>
    StreamCaptureUnmatched = 903,

    /// <summary>A stream that joined the recording was not waited for at its end.</summary>
    StreamCaptureUnjoined = 904,

    /// <summary>The recording would depend on work outside it.</summary>
    StreamCaptureIsolation = 905,

    /// <summary>The default stream would depend on a recording.</summary>
    StreamCaptureImplicit = 906,

    /// <summary>The event belongs to a recording and has no state of its own.</summary>
    CapturedEvent = 907,

    /// <summary>Only the thread that began the recording may end it.</summary>
    StreamCaptureWrongThread = 908,

    /// <summary>The graphs have different shapes.</summary>
    GraphExecUpdateFailure = 910,

    /// <summary>The driver does not know why.</summary>
    Unknown = 999,
}
