using System.Runtime.InteropServices;

namespace Trt.Interop.Cuda;

/// <summary>
/// The exports of the driver library that this project calls. A name that ends in _v2 is the call that the plain name of CUDA's
/// headers means today. Those that drivers of CUDA 11.0 may lack are null there.
/// </summary>
internal sealed unsafe class DriverFunctions
{
    internal readonly delegate* unmanaged<uint, int> Init;
    internal readonly delegate* unmanaged<int*, int> DriverGetVersion;
    internal readonly delegate* unmanaged<int, byte**, int> GetErrorName;
    internal readonly delegate* unmanaged<int, byte**, int> GetErrorString;

    internal readonly delegate* unmanaged<int*, int> DeviceGetCount;
    internal readonly delegate* unmanaged<byte*, int, int, int> DeviceGetName;
    internal readonly delegate* unmanaged<nuint*, int, int> DeviceTotalMem;
    internal readonly delegate* unmanaged<int*, int, int, int> DeviceGetAttribute;
    internal readonly delegate* unmanaged<byte*, int, int> DeviceGetUuid;
    internal readonly delegate* unmanaged<byte*, int, int, int> DeviceGetPciBusId;
    internal readonly delegate* unmanaged<int*, int, int, int> DeviceCanAccessPeer;
    internal readonly delegate* unmanaged<nint*, int, int> PrimaryCtxRetain;
    internal readonly delegate* unmanaged<int, int> PrimaryCtxRelease;
    internal readonly delegate* unmanaged<nint*, int> CtxGetCurrent;
    internal readonly delegate* unmanaged[SuppressGCTransition]<nint*, int> CtxGetCurrentFast; // the same; it reads a variable of the thread
    internal readonly delegate* unmanaged<nint, int> CtxSetCurrent;
    internal readonly delegate* unmanaged<nint, int> CtxPushCurrent;
    internal readonly delegate* unmanaged<nint*, int> CtxPopCurrent;
    internal readonly delegate* unmanaged<int*, int> CtxGetDevice;
    internal readonly delegate* unmanaged<int> CtxSynchronize;
    internal readonly delegate* unmanaged<int*, int*, int> CtxGetStreamPriorityRange;
    internal readonly delegate* unmanaged<nint, uint, int> CtxEnablePeerAccess;
    internal readonly delegate* unmanaged<nint, int> CtxDisablePeerAccess;

    internal readonly delegate* unmanaged<nuint*, nuint*, int> MemGetInfo;
    internal readonly delegate* unmanaged<nint*, nuint, int> MemAlloc;
    internal readonly delegate* unmanaged<nint, int> MemFree;
    internal readonly delegate* unmanaged<nint*, nuint, uint, int> MemAllocManaged;
    internal readonly delegate* unmanaged<nint, nuint, int, nint, int> MemPrefetchAsync;
    internal readonly delegate* unmanaged<nint*, nuint, nint, int> MemAllocAsync;
    internal readonly delegate* unmanaged<nint, nint, int> MemFreeAsync;
    internal readonly delegate* unmanaged<nint*, int, int> DeviceGetDefaultMemPool;
    internal readonly delegate* unmanaged<nint, nuint, int> MemPoolTrimTo;
    internal readonly delegate* unmanaged<nint, int, void*, int> MemPoolSetAttribute;
    internal readonly delegate* unmanaged<nint, int, void*, int> MemPoolGetAttribute;
    internal readonly delegate* unmanaged<nint*, void*, int> MemPoolCreate;
    internal readonly delegate* unmanaged<nint, int> MemPoolDestroy;
    internal readonly delegate* unmanaged<nint*, nuint, nint, nint, int> MemAllocFromPoolAsync;
    internal readonly delegate* unmanaged<int*, nint, void*, int> MemPoolGetAccess;
    internal readonly delegate* unmanaged<nint, void*, nuint, int> MemPoolSetAccess;
    internal readonly delegate* unmanaged<void*, nint, int, ulong, int> MemPoolExportToShareableHandle;
    internal readonly delegate* unmanaged<nint*, nint, int, ulong, int> MemPoolImportFromShareableHandle;
    internal readonly delegate* unmanaged<IpcPoolPointer*, nint, int> MemPoolExportPointer;
    internal readonly delegate* unmanaged<nint*, nint, IpcPoolPointer*, int> MemPoolImportPointer;
    internal readonly delegate* unmanaged<nint*, nuint*, nint, int> MemGetAddressRange;
    internal readonly delegate* unmanaged<IpcMemoryHandle*, nint, int> IpcGetMemHandle;
    internal readonly delegate* unmanaged<nint*, IpcMemoryHandle, uint, int> IpcOpenMemHandle;
    internal readonly delegate* unmanaged<nint, int> IpcCloseMemHandle;
    internal readonly delegate* unmanaged<IpcEventHandle*, nint, int> IpcGetEventHandle;
    internal readonly delegate* unmanaged<nint*, IpcEventHandle, int> IpcOpenEventHandle;
    internal readonly delegate* unmanaged<nint*, nuint, uint, int> MemHostAlloc;
    internal readonly delegate* unmanaged<nint, int> MemFreeHost;

    internal readonly delegate* unmanaged<nint, nint, nuint, int> MemcpyHtoD;
    internal readonly delegate* unmanaged<nint, nint, nuint, int> MemcpyDtoH;
    internal readonly delegate* unmanaged<nint, nint, nuint, int> MemcpyDtoD;
    internal readonly delegate* unmanaged<nint, nint, nuint, nint, int> MemcpyHtoDAsync;
    internal readonly delegate* unmanaged<nint, nint, nuint, nint, int> MemcpyDtoHAsync;
    internal readonly delegate* unmanaged<nint, nint, nuint, nint, int> MemcpyDtoDAsync;
    internal readonly delegate* unmanaged<nint, nint, nint, nint, nuint, int> MemcpyPeer;
    internal readonly delegate* unmanaged<nint, nint, nint, nint, nuint, nint, int> MemcpyPeerAsync;
    internal readonly delegate* unmanaged<void*, int, nint, int> PointerGetAttribute;
    internal readonly delegate* unmanaged<nint, byte, nuint, int> MemsetD8;
    internal readonly delegate* unmanaged<nint, ushort, nuint, int> MemsetD16;
    internal readonly delegate* unmanaged<nint, uint, nuint, int> MemsetD32;
    internal readonly delegate* unmanaged<nint, byte, nuint, nint, int> MemsetD8Async;
    internal readonly delegate* unmanaged<nint, ushort, nuint, nint, int> MemsetD16Async;
    internal readonly delegate* unmanaged<nint, uint, nuint, nint, int> MemsetD32Async;

    internal readonly delegate* unmanaged<nint*, uint, int, int> StreamCreateWithPriority;
    internal readonly delegate* unmanaged<nint, int> StreamDestroy;
    internal readonly delegate* unmanaged<nint, int> StreamSynchronize;
    internal readonly delegate* unmanaged<nint, int> StreamQuery;
    internal readonly delegate* unmanaged<nint, int*, int> StreamGetPriority;
    internal readonly delegate* unmanaged<nint, nint, uint, int> StreamWaitEvent;
    internal readonly delegate* unmanaged<nint, nint, nint, int> LaunchHostFunc;
    internal readonly delegate* unmanaged<nint*, uint, int> EventCreate;
    internal readonly delegate* unmanaged<nint, int> EventDestroy;
    internal readonly delegate* unmanaged<nint, nint, int> EventRecord;
    internal readonly delegate* unmanaged<nint, int> EventQuery;
    internal readonly delegate* unmanaged<nint, int> EventSynchronize;
    internal readonly delegate* unmanaged<float*, nint, nint, int> EventElapsedTime;

    internal readonly delegate* unmanaged<nint, int, int> StreamBeginCapture;
    internal readonly delegate* unmanaged<nint, nint*, int> StreamEndCapture;
    internal readonly delegate* unmanaged<nint, int*, int> StreamIsCapturing;
    internal readonly delegate* unmanaged<nint, int*, ulong*, nint*, nint**, nuint*, int> StreamGetCaptureInfo;
    internal readonly delegate* unmanaged<nint*, nint, nint, uint, uint, int> UserObjectCreate;
    internal readonly delegate* unmanaged<nint, nint, uint, uint, int> GraphRetainUserObject;
    internal readonly delegate* unmanaged<nint*, nint, ulong, int> GraphInstantiateWithFlags;
    internal readonly delegate* unmanaged<nint*, nint, nint*, byte*, nuint, int> GraphInstantiate;
    internal readonly delegate* unmanaged<nint, nint, nint*, int*, int> GraphExecUpdate;
    internal readonly delegate* unmanaged<nint, nint*, nuint*, int> GraphGetNodes;
    internal readonly delegate* unmanaged<nint, nint, int> GraphLaunch;
    internal readonly delegate* unmanaged<nint, int> GraphDestroy;
    internal readonly delegate* unmanaged<nint, int> GraphExecDestroy;

    internal readonly delegate* unmanaged<nint*, void*, uint, int*, void**, int> ModuleLoadDataEx;
    internal readonly delegate* unmanaged<nint, int> ModuleUnload;
    internal readonly delegate* unmanaged<nint*, nint, byte*, int> ModuleGetFunction;
    internal readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> LaunchKernel;

    private readonly nint library;

    internal DriverFunctions(nint library)
    {
        this.library = library;
        Init = (delegate* unmanaged<uint, int>)Required("cuInit");
        DriverGetVersion = (delegate* unmanaged<int*, int>)Required("cuDriverGetVersion");
        GetErrorName = (delegate* unmanaged<int, byte**, int>)Required("cuGetErrorName");
        GetErrorString = (delegate* unmanaged<int, byte**, int>)Required("cuGetErrorString");

        DeviceGetCount = (delegate* unmanaged<int*, int>)Required("cuDeviceGetCount");
        DeviceGetName = (delegate* unmanaged<byte*, int, int, int>)Required("cuDeviceGetName");
        DeviceTotalMem = (delegate* unmanaged<nuint*, int, int>)Required("cuDeviceTotalMem_v2");
        DeviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)Required("cuDeviceGetAttribute");
        DeviceGetUuid = (delegate* unmanaged<byte*, int, int>)Required("cuDeviceGetUuid_v2", "cuDeviceGetUuid");
        DeviceGetPciBusId = (delegate* unmanaged<byte*, int, int, int>)Required("cuDeviceGetPCIBusId");
        DeviceCanAccessPeer = (delegate* unmanaged<int*, int, int, int>)Required("cuDeviceCanAccessPeer");
        PrimaryCtxRetain = (delegate* unmanaged<nint*, int, int>)Required("cuDevicePrimaryCtxRetain");
        PrimaryCtxRelease = (delegate* unmanaged<int, int>)Required("cuDevicePrimaryCtxRelease_v2", "cuDevicePrimaryCtxRelease");
        CtxGetCurrent = (delegate* unmanaged<nint*, int>)Required("cuCtxGetCurrent");
        CtxGetCurrentFast = (delegate* unmanaged[SuppressGCTransition]<nint*, int>)CtxGetCurrent;
        CtxSetCurrent = (delegate* unmanaged<nint, int>)Required("cuCtxSetCurrent");
        CtxPushCurrent = (delegate* unmanaged<nint, int>)Required("cuCtxPushCurrent_v2");
        CtxPopCurrent = (delegate* unmanaged<nint*, int>)Required("cuCtxPopCurrent_v2");
        CtxGetDevice = (delegate* unmanaged<int*, int>)Required("cuCtxGetDevice");
        CtxSynchronize = (delegate* unmanaged<int>)Required("cuCtxSynchronize");
        CtxGetStreamPriorityRange = (delegate* unmanaged<int*, int*, int>)Required("cuCtxGetStreamPriorityRange");
        CtxEnablePeerAccess = (delegate* unmanaged<nint, uint, int>)Required("cuCtxEnablePeerAccess");
        CtxDisablePeerAccess = (delegate* unmanaged<nint, int>)Required("cuCtxDisablePeerAccess");

        MemGetInfo = (delegate* unmanaged<nuint*, nuint*, int>)Required("cuMemGetInfo_v2");
        MemAlloc = (delegate* unmanaged<nint*, nuint, int>)Required("cuMemAlloc_v2");
        MemFree = (delegate* unmanaged<nint, int>)Required("cuMemFree_v2");
        MemAllocManaged = (delegate* unmanaged<nint*, nuint, uint, int>)Required("cuMemAllocManaged");
        MemPrefetchAsync = (delegate* unmanaged<nint, nuint, int, nint, int>)Optional("cuMemPrefetchAsync");
        MemAllocAsync = (delegate* unmanaged<nint*, nuint, nint, int>)Optional("cuMemAllocAsync");
        MemFreeAsync = (delegate* unmanaged<nint, nint, int>)Optional("cuMemFreeAsync");
        DeviceGetDefaultMemPool = (delegate* unmanaged<nint*, int, int>)Optional("cuDeviceGetDefaultMemPool");
        MemPoolTrimTo = (delegate* unmanaged<nint, nuint, int>)Optional("cuMemPoolTrimTo");
        MemPoolSetAttribute = (delegate* unmanaged<nint, int, void*, int>)Optional("cuMemPoolSetAttribute");
        MemPoolGetAttribute = (delegate* unmanaged<nint, int, void*, int>)Optional("cuMemPoolGetAttribute");
        MemPoolCreate = (delegate* unmanaged<nint*, void*, int>)Optional("cuMemPoolCreate");
        MemPoolDestroy = (delegate* unmanaged<nint, int>)Optional("cuMemPoolDestroy");
        MemAllocFromPoolAsync = (delegate* unmanaged<nint*, nuint, nint, nint, int>)Optional("cuMemAllocFromPoolAsync");
        MemPoolGetAccess = (delegate* unmanaged<int*, nint, void*, int>)Optional("cuMemPoolGetAccess");
        MemPoolSetAccess = (delegate* unmanaged<nint, void*, nuint, int>)Optional("cuMemPoolSetAccess");
        MemPoolExportToShareableHandle = (delegate* unmanaged<void*, nint, int, ulong, int>)Optional("cuMemPoolExportToShareableHandle");
        MemPoolImportFromShareableHandle = (delegate* unmanaged<nint*, nint, int, ulong, int>)Optional("cuMemPoolImportFromShareableHandle");
        MemPoolExportPointer = (delegate* unmanaged<IpcPoolPointer*, nint, int>)Optional("cuMemPoolExportPointer");
        MemPoolImportPointer = (delegate* unmanaged<nint*, nint, IpcPoolPointer*, int>)Optional("cuMemPoolImportPointer");
        MemGetAddressRange = (delegate* unmanaged<nint*, nuint*, nint, int>)Required("cuMemGetAddressRange_v2");
        IpcGetMemHandle = (delegate* unmanaged<IpcMemoryHandle*, nint, int>)Required("cuIpcGetMemHandle");
        IpcOpenMemHandle = (delegate* unmanaged<nint*, IpcMemoryHandle, uint, int>)Required("cuIpcOpenMemHandle_v2");
        IpcCloseMemHandle = (delegate* unmanaged<nint, int>)Required("cuIpcCloseMemHandle");
        IpcGetEventHandle = (delegate* unmanaged<IpcEventHandle*, nint, int>)Required("cuIpcGetEventHandle");
        IpcOpenEventHandle = (delegate* unmanaged<nint*, IpcEventHandle, int>)Required("cuIpcOpenEventHandle");
        MemHostAlloc = (delegate* unmanaged<nint*, nuint, uint, int>)Required("cuMemHostAlloc");
        MemFreeHost = (delegate* unmanaged<nint, int>)Required("cuMemFreeHost");

        MemcpyHtoD = (delegate* unmanaged<nint, nint, nuint, int>)Required("cuMemcpyHtoD_v2");
        MemcpyDtoH = (delegate* unmanaged<nint, nint, nuint, int>)Required("cuMemcpyDtoH_v2");
        MemcpyDtoD = (delegate* unmanaged<nint, nint, nuint, int>)Required("cuMemcpyDtoD_v2");
        MemcpyHtoDAsync = (delegate* unmanaged<nint, nint, nuint, nint, int>)Required("cuMemcpyHtoDAsync_v2");
        MemcpyDtoHAsync = (delegate* unmanaged<nint, nint, nuint, nint, int>)Required("cuMemcpyDtoHAsync_v2");
        MemcpyDtoDAsync = (delegate* unmanaged<nint, nint, nuint, nint, int>)Required("cuMemcpyDtoDAsync_v2");
        MemcpyPeer = (delegate* unmanaged<nint, nint, nint, nint, nuint, int>)Required("cuMemcpyPeer");
        PointerGetAttribute = (delegate* unmanaged<void*, int, nint, int>)Required("cuPointerGetAttribute");
        MemcpyPeerAsync = (delegate* unmanaged<nint, nint, nint, nint, nuint, nint, int>)Required("cuMemcpyPeerAsync");
        MemsetD8 = (delegate* unmanaged<nint, byte, nuint, int>)Required("cuMemsetD8_v2");
        MemsetD16 = (delegate* unmanaged<nint, ushort, nuint, int>)Required("cuMemsetD16_v2");
        MemsetD32 = (delegate* unmanaged<nint, uint, nuint, int>)Required("cuMemsetD32_v2");
        MemsetD8Async = (delegate* unmanaged<nint, byte, nuint, nint, int>)Required("cuMemsetD8Async");
        MemsetD16Async = (delegate* unmanaged<nint, ushort, nuint, nint, int>)Required("cuMemsetD16Async");
        MemsetD32Async = (delegate* unmanaged<nint, uint, nuint, nint, int>)Required("cuMemsetD32Async");

        StreamCreateWithPriority = (delegate* unmanaged<nint*, uint, int, int>)Required("cuStreamCreateWithPriority");
        StreamDestroy = (delegate* unmanaged<nint, int>)Required("cuStreamDestroy_v2");
        StreamSynchronize = (delegate* unmanaged<nint, int>)Required("cuStreamSynchronize");
        StreamQuery = (delegate* unmanaged<nint, int>)Required("cuStreamQuery");
        StreamGetPriority = (delegate* unmanaged<nint, int*, int>)Required("cuStreamGetPriority");
        StreamWaitEvent = (delegate* unmanaged<nint, nint, uint, int>)Required("cuStreamWaitEvent");
        LaunchHostFunc = (delegate* unmanaged<nint, nint, nint, int>)Required("cuLaunchHostFunc");
        EventCreate = (delegate* unmanaged<nint*, uint, int>)Required("cuEventCreate");
        EventDestroy = (delegate* unmanaged<nint, int>)Required("cuEventDestroy_v2");
        EventRecord = (delegate* unmanaged<nint, nint, int>)Required("cuEventRecord");
        EventQuery = (delegate* unmanaged<nint, int>)Required("cuEventQuery");
        EventSynchronize = (delegate* unmanaged<nint, int>)Required("cuEventSynchronize");
        EventElapsedTime = (delegate* unmanaged<float*, nint, nint, int>)Required("cuEventElapsedTime");

        StreamBeginCapture = (delegate* unmanaged<nint, int, int>)Required("cuStreamBeginCapture_v2");
        StreamEndCapture = (delegate* unmanaged<nint, nint*, int>)Required("cuStreamEndCapture");
        StreamIsCapturing = (delegate* unmanaged<nint, int*, int>)Required("cuStreamIsCapturing");
        StreamGetCaptureInfo = (delegate* unmanaged<nint, int*, ulong*, nint*, nint**, nuint*, int>)Optional("cuStreamGetCaptureInfo_v2");
        UserObjectCreate = (delegate* unmanaged<nint*, nint, nint, uint, uint, int>)Optional("cuUserObjectCreate");
        GraphRetainUserObject = (delegate* unmanaged<nint, nint, uint, uint, int>)Optional("cuGraphRetainUserObject");
        GraphInstantiateWithFlags = (delegate* unmanaged<nint*, nint, ulong, int>)Optional("cuGraphInstantiateWithFlags");
        GraphInstantiate = (delegate* unmanaged<nint*, nint, nint*, byte*, nuint, int>)Required("cuGraphInstantiate_v2");
        GraphExecUpdate = (delegate* unmanaged<nint, nint, nint*, int*, int>)Optional("cuGraphExecUpdate");
        GraphGetNodes = (delegate* unmanaged<nint, nint*, nuint*, int>)Required("cuGraphGetNodes");
        GraphLaunch = (delegate* unmanaged<nint, nint, int>)Required("cuGraphLaunch");
        GraphDestroy = (delegate* unmanaged<nint, int>)Required("cuGraphDestroy");
        GraphExecDestroy = (delegate* unmanaged<nint, int>)Required("cuGraphExecDestroy");

        ModuleLoadDataEx = (delegate* unmanaged<nint*, void*, uint, int*, void**, int>)Required("cuModuleLoadDataEx");
        ModuleUnload = (delegate* unmanaged<nint, int>)Required("cuModuleUnload");
        ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)Required("cuModuleGetFunction");
        LaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Required("cuLaunchKernel");
    }

    /// <summary>Exports that are needed and not there.</summary>
    internal List<string> Missing { get; } = [];

    private nint Required(string name, string? older = null)
    {
        if (NativeLibrary.TryGetExport(library, name, out nint address) || (older is not null && NativeLibrary.TryGetExport(library, older, out address)))
        {
            return address;
        }

        Missing.Add(name);
        return 0;
    }

    private nint Optional(string name) => NativeLibrary.TryGetExport(library, name, out nint address) ? address : 0;
}
