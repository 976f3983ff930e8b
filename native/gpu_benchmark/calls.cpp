// Loops of calls as a C++ program makes them, over objects and streams that somebody else has made: what the same calls from C# are compared with.
// Each gives the nanoseconds of all its rounds, or −1 when a call failed.
#include "trt_abi.hpp"

#include <chrono>
#include <dlfcn.h>

namespace
{
using Clock = std::chrono::steady_clock;
using Sync = int (*)(void* stream);
using Launch = int (*)(void* graph, void* stream);
using CopyToDevice = int (*)(std::uintptr_t destination, void const* source, std::size_t bytes, void* stream);

Sync synchronize;
Launch launch;
CopyToDevice copyToDevice;

int nothing(void*)
{
    return 0;
}

template <typename Round>
int64_t rounds(int64_t times, Round round)
{
    auto const begin = Clock::now();
    for (int64_t i = 0; i < times; ++i)
    {
        if (!round())
        {
            return -1;
        }
    }
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
}

/// The calls of one release, through the wrapper's implementation as the inline functions of TensorRT's headers make them.
template <typename Engine, typename Context, typename Shape, typename Stream>
struct Release
{
    static int64_t enqueue(void* context, void* stream, int64_t times)
    {
        auto* object = static_cast<Context*>(context);
        return rounds(times, [=] { return object->mImpl->enqueueV3(static_cast<Stream>(stream)); });
    }

    static int64_t enqueueAndWait(void* context, void* stream, int64_t times)
    {
        auto* object = static_cast<Context*>(context);
        return rounds(times, [=] { return object->mImpl->enqueueV3(static_cast<Stream>(stream)) && synchronize(stream) == 0; });
    }

    static int64_t setTensorAddress(void* context, char const* name, void* address, int64_t times)
    {
        auto* object = static_cast<Context*>(context);
        return rounds(times, [=] { return object->mImpl->setTensorAddress(name, address); });
    }

    static int64_t setInputShape(void* context, char const* name, int64_t const* extents, int32_t count, int64_t times)
    {
        auto* object = static_cast<Context*>(context);
        Shape shape{};
        shape.nbDims = count;
        for (int32_t i = 0; i < count; ++i)
        {
            shape.d[i] = static_cast<decltype(+shape.d[i])>(extents[i]);
        }
        return rounds(times, [=] { return object->mImpl->setInputShape(name, shape); });
    }

    static int64_t getNbIOTensors(void* engine, int64_t times)
    {
        auto* object = static_cast<Engine*>(engine);
        return rounds(times, [=] { return object->mImpl->getNbIOTensors() > 0; });
    }

    static int64_t getTensorShape(void* context, char const* name, int64_t times)
    {
        auto* object = static_cast<Context*>(context);
        return rounds(times, [=] { return object->mImpl->getTensorShape(name).nbDims > 0; });
    }
};

namespace v8 = trt_abi::tensorrt_8_6_1;
namespace v10 = trt_abi::tensorrt_10_16;
using Release8 = Release<v8::ICudaEngine, v8::IExecutionContext, v8::Dims32, trt_abi::cudaStream_t>;
using Release10 = Release<v10::ICudaEngine, v10::IExecutionContext, v10::Dims64, trt_abi::cudaStream_t>;
} // namespace

#define BENCHMARK extern "C" __attribute__((visibility("default")))

/// Finds the driver's functions; where there is no driver, waiting does nothing. Answers whether there is one.
BENCHMARK int32_t benchmark_open()
{
    void* driver = dlopen("libcuda.so.1", RTLD_NOW);
    synchronize = driver == nullptr ? &nothing : reinterpret_cast<Sync>(dlsym(driver, "cuStreamSynchronize"));
    if (driver == nullptr)
    {
        return 0;
    }
    launch = reinterpret_cast<Launch>(dlsym(driver, "cuGraphLaunch"));
    copyToDevice = reinterpret_cast<CopyToDevice>(dlsym(driver, "cuMemcpyHtoDAsync_v2"));
    return synchronize != nullptr && launch != nullptr && copyToDevice != nullptr;
}

BENCHMARK int64_t calls_enqueue(int32_t major, void* context, void* stream, int64_t times)
{
    return major == 8 ? Release8::enqueue(context, stream, times) : Release10::enqueue(context, stream, times);
}

BENCHMARK int64_t calls_enqueue_and_wait(int32_t major, void* context, void* stream, int64_t times)
{
    return major == 8 ? Release8::enqueueAndWait(context, stream, times) : Release10::enqueueAndWait(context, stream, times);
}

BENCHMARK int64_t calls_set_tensor_address(int32_t major, void* context, char const* name, void* address, int64_t times)
{
    return major == 8 ? Release8::setTensorAddress(context, name, address, times) : Release10::setTensorAddress(context, name, address, times);
}

BENCHMARK int64_t calls_set_input_shape(int32_t major, void* context, char const* name, int64_t const* extents, int32_t count, int64_t times)
{
    return major == 8 ? Release8::setInputShape(context, name, extents, count, times) : Release10::setInputShape(context, name, extents, count, times);
}

BENCHMARK int64_t calls_nb_io_tensors(int32_t major, void* engine, int64_t times)
{
    return major == 8 ? Release8::getNbIOTensors(engine, times) : Release10::getNbIOTensors(engine, times);
}

BENCHMARK int64_t calls_tensor_shape(int32_t major, void* context, char const* name, int64_t times)
{
    return major == 8 ? Release8::getTensorShape(context, name, times) : Release10::getTensorShape(context, name, times);
}

BENCHMARK int64_t calls_launch(void* graph, void* stream, int64_t times)
{
    return rounds(times, [=] { return launch(graph, stream) == 0; });
}

BENCHMARK int64_t calls_launch_and_wait(void* graph, void* stream, int64_t times)
{
    return rounds(times, [=] { return launch(graph, stream) == 0 && synchronize(stream) == 0; });
}

BENCHMARK int64_t calls_copy_to_device(std::uintptr_t destination, void const* source, std::size_t bytes, void* stream, int64_t times)
{
    return rounds(times, [=] { return copyToDevice(destination, source, bytes, stream) == 0; });
}
