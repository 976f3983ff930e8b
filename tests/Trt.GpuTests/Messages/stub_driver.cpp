// A CUDA driver that is not one: it answers what the environment says, so that a program can be seen with a driver that is too old or broken.
//   g++ -shared -fPIC -Wl,-soname,libcuda.so.1 -o libcuda.so.1 stub_driver.cpp
// STUB_CUDA_VERSION: what cuDriverGetVersion answers (11000 is CUDA 11.0); STUB_CUDA_INIT: what cuInit answers; STUB_CUDA_DEVICES: how many GPUs there are.
#include <cstdlib>

static int number(const char* name, int otherwise)
{
    const char* text = std::getenv(name);
    return text ? std::atoi(text) : otherwise;
}

extern "C"
{
int cuInit(unsigned) { return number("STUB_CUDA_INIT", 0); }
int cuDriverGetVersion(int* version) { *version = number("STUB_CUDA_VERSION", 11000); return 0; }
int cuDeviceGetCount(int* count) { *count = number("STUB_CUDA_DEVICES", 1); return 0; }
int cuGetErrorName(int, const char** text) { *text = nullptr; return 1; }
int cuGetErrorString(int, const char** text) { *text = nullptr; return 1; }

// The rest is here so that it is found; nothing of it works.
#define REFUSE(name) int name() { return 999; }
REFUSE(cuCtxDisablePeerAccess)
REFUSE(cuCtxEnablePeerAccess)
REFUSE(cuCtxGetCurrent)
REFUSE(cuCtxGetDevice)
REFUSE(cuCtxGetStreamPriorityRange)
REFUSE(cuCtxPopCurrent_v2)
REFUSE(cuCtxPushCurrent_v2)
REFUSE(cuCtxSetCurrent)
REFUSE(cuCtxSynchronize)
REFUSE(cuDeviceCanAccessPeer)
REFUSE(cuDeviceGetAttribute)
REFUSE(cuDeviceGetName)
REFUSE(cuDeviceGetPCIBusId)
REFUSE(cuDeviceGetUuid)
REFUSE(cuDeviceGetUuid_v2)
REFUSE(cuDevicePrimaryCtxRelease)
REFUSE(cuDevicePrimaryCtxRelease_v2)
REFUSE(cuDevicePrimaryCtxRetain)
REFUSE(cuDeviceTotalMem_v2)
REFUSE(cuEventCreate)
REFUSE(cuEventDestroy_v2)
REFUSE(cuEventElapsedTime)
REFUSE(cuEventQuery)
REFUSE(cuEventRecord)
REFUSE(cuEventSynchronize)
REFUSE(cuGraphDestroy)
REFUSE(cuGraphExecDestroy)
REFUSE(cuGraphGetNodes)
REFUSE(cuGraphInstantiate_v2)
REFUSE(cuGraphLaunch)
REFUSE(cuLaunchHostFunc)
REFUSE(cuLaunchKernel)
REFUSE(cuMemAllocManaged)
REFUSE(cuMemAlloc_v2)
REFUSE(cuMemFreeHost)
REFUSE(cuMemFree_v2)
REFUSE(cuMemGetInfo_v2)
REFUSE(cuMemHostAlloc)
REFUSE(cuMemcpyDtoDAsync_v2)
REFUSE(cuMemcpyDtoD_v2)
REFUSE(cuMemcpyDtoHAsync_v2)
REFUSE(cuMemcpyDtoH_v2)
REFUSE(cuMemcpyHtoDAsync_v2)
REFUSE(cuMemcpyHtoD_v2)
REFUSE(cuMemcpyPeer)
REFUSE(cuMemcpyPeerAsync)
REFUSE(cuMemsetD16Async)
REFUSE(cuMemsetD16_v2)
REFUSE(cuMemsetD32Async)
REFUSE(cuMemsetD32_v2)
REFUSE(cuMemsetD8Async)
REFUSE(cuMemsetD8_v2)
REFUSE(cuModuleGetFunction)
REFUSE(cuModuleLoadDataEx)
REFUSE(cuModuleUnload)
REFUSE(cuPointerGetAttribute)
REFUSE(cuStreamBeginCapture_v2)
REFUSE(cuStreamCreateWithPriority)
REFUSE(cuStreamDestroy_v2)
REFUSE(cuStreamEndCapture)
REFUSE(cuStreamGetPriority)
REFUSE(cuStreamIsCapturing)
REFUSE(cuStreamQuery)
REFUSE(cuStreamSynchronize)
REFUSE(cuStreamWaitEvent)
}
