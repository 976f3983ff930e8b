// Engines and contexts of TensorRT 8.x made, run and deleted many times as a C++ program does: what the library itself leaves behind each time.
//   g++ -O2 -std=c++17 -I.. -o rounds rounds.cpp -ldl
//   rounds LIBRARY PLAN INPUT engines|contexts ROUNDS
// The engine has an input "data" [N, 1, 28, 28] and an output "prob" [N, 10]; INPUT holds its values. Prints a line: rounds, bytes more on the device, bytes
// more resident in the process, seconds.
#include "trt_abi.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace trt_abi;
using namespace trt_abi::tensorrt_8_6_1;

namespace
{
struct Logger : ILogger
{
    void log(ILogger_Severity severity, char const* text) override
    {
        if (static_cast<int>(severity) <= 1)
        {
            std::fprintf(stderr, "%s\n", text);
        }
    }
};

void* driver;

template <typename Function>
Function find(char const* name)
{
    return reinterpret_cast<Function>(dlsym(driver, name));
}

void check(int result, char const* what)
{
    if (result != 0)
    {
        std::fprintf(stderr, "%s gave %d\n", what, result);
        std::exit(1);
    }
}

std::vector<char> read(char const* path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

long resident()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
    {
        if (line.rfind("VmRSS:", 0) == 0)
        {
            return std::atol(line.c_str() + 6) * 1024;
        }
    }
    return 0;
}

long used()
{
    std::size_t free = 0, total = 0;
    check(find<int (*)(std::size_t*, std::size_t*)>("cuMemGetInfo_v2")(&free, &total), "cuMemGetInfo");
    return static_cast<long>(total - free);
}
} // namespace

int main(int count, char** arguments)
{
    if (count != 6)
    {
        std::fprintf(stderr, "usage: rounds LIBRARY PLAN INPUT engines|contexts ROUNDS\n");
        return 2;
    }
    driver = dlopen("libcuda.so.1", RTLD_NOW);
    void* library = dlopen(arguments[1], RTLD_NOW);
    if (driver == nullptr || library == nullptr)
    {
        std::fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    void* primary = nullptr;
    check(find<int (*)(unsigned)>("cuInit")(0), "cuInit");
    check(find<int (*)(void**, int)>("cuDevicePrimaryCtxRetain")(&primary, 0), "cuDevicePrimaryCtxRetain");
    check(find<int (*)(void*)>("cuCtxSetCurrent")(primary), "cuCtxSetCurrent");

    std::vector<char> const plan = read(arguments[2]), input = read(arguments[3]);
    bool const engines = std::strcmp(arguments[4], "engines") == 0;
    int const rounds = std::atoi(arguments[5]);
    int const rows = static_cast<int>(input.size() / (784 * sizeof(float)));
    std::uintptr_t data = 0, prob = 0;
    cudaStream_t stream = nullptr;
    auto const allocate = find<int (*)(std::uintptr_t*, std::size_t)>("cuMemAlloc_v2");
    check(allocate(&data, input.size()), "cuMemAlloc");
    check(allocate(&prob, rows * 10 * sizeof(float)), "cuMemAlloc");
    check(find<int (*)(std::uintptr_t, void const*, std::size_t)>("cuMemcpyHtoD_v2")(data, input.data(), input.size()), "cuMemcpyHtoD");
    check(find<int (*)(cudaStream_t*, unsigned)>("cuStreamCreate")(&stream, 1), "cuStreamCreate");
    auto const synchronize = find<int (*)(cudaStream_t)>("cuStreamSynchronize");

    Logger logger;
    auto const version = reinterpret_cast<int (*)()>(dlsym(library, "getInferLibVersion"));
    auto const create = reinterpret_cast<IRuntime* (*)(ILogger*, int)>(dlsym(library, "createInferRuntime_INTERNAL"));
    IRuntime* runtime = create(&logger, version());
    auto const deserialize = [&] { return runtime->mImpl->deserializeCudaEngine(plan.data(), plan.size(), nullptr); };
    auto const run = [&](ICudaEngine* engine) {
        IExecutionContext* context = engine->mImpl->createExecutionContext();
        Dims32 shape{};
        shape.nbDims = 4;
        shape.d[0] = rows;
        shape.d[1] = 1;
        shape.d[2] = shape.d[3] = 28;
        bool const done = context->mImpl->setInputShape("data", shape) && context->mImpl->setTensorAddress("data", reinterpret_cast<void*>(data))
            && context->mImpl->setTensorAddress("prob", reinterpret_cast<void*>(prob)) && context->mImpl->enqueueV3(stream);
        check(done ? synchronize(stream) : -1, "a run");
        delete context;
    };
    ICudaEngine* lasting = engines ? nullptr : deserialize();
    long device = 0, process = 0;
    auto begin = std::chrono::steady_clock::now();
    for (int i = -100; i < rounds; ++i)
    {
        if (i == 0)
        {
            device = used();
            process = resident();
            begin = std::chrono::steady_clock::now();
        }
        ICudaEngine* engine = engines ? deserialize() : lasting;
        run(engine);
        if (engines)
        {
            delete engine;
        }
    }
    double const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("%d %ld %ld %.3f\n", rounds, used() - device, resident() - process, seconds);
    return 0;
}
