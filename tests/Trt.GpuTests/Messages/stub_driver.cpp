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

// The rest is here so that it is found; nothing of it works. Whoever compiles this puts a line REFUSE(NAME) for each further call below.
#define REFUSE(name) int name() { return 999; }
/* the rest */
}
