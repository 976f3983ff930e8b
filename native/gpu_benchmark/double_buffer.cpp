// An engine fed from pageable memory and read back into it, as a C++ program does it by hand: with page-locked buffers between, two of them for each tensor, so that the host copies one run's values while the
// device works on another's. Context, stream, events, memory and graphs are somebody else's, which makes them the same on both sides of a comparison.
#include "trt_abi.hpp"

#include <chrono>
#include <cstring>
#include <dlfcn.h>

namespace
{
namespace v8 = trt_abi::tensorrt_8_6_1;
namespace v10 = trt_abi::tensorrt_10_16;

/// The driver's functions that the loops call; or others in their place where there is no driver.
struct Driver
{
    int (*copyToDevice)(std::uintptr_t destination, void const* source, std::size_t bytes, void* stream);
    int (*copyToHost)(void* destination, std::uintptr_t source, std::size_t bytes, void* stream);
    int (*launch)(void* graph, void* stream);
    int (*record)(void* event, void* stream);
    int (*waitForEvent)(void* event);
    int (*waitForStream)(void* stream);
};

struct Tensor
{
    int64_t isInput;
    int64_t bytes;              // of a run
    char* host;                 // of all runs, one behind the other
    std::uintptr_t device;
    char* pinned[2];
};

struct Loop
{
    int64_t major;
    void* context;
    void* stream;
    void* graphs[2];            // of the copies and the run; null: each is enqueued by itself
    void* events[2];
    int64_t count;
    Tensor* tensors;
};

bool enqueueV3(Loop const& loop)
{
    auto stream = static_cast<trt_abi::cudaStream_t>(loop.stream);
    return loop.major == 8 ? static_cast<v8::IExecutionContext*>(loop.context)->mImpl->enqueueV3(stream)
                           : static_cast<v10::IExecutionContext*>(loop.context)->mImpl->enqueueV3(stream);
}

void write(Loop const& loop, int side, int64_t run)
{
    for (int64_t i = 0; i < loop.count; ++i)
    {
        Tensor const& tensor = loop.tensors[i];
        if (tensor.isInput)
        {
            std::memcpy(tensor.pinned[side], tensor.host + run * tensor.bytes, static_cast<std::size_t>(tensor.bytes));
        }
    }
}

void read(Loop const& loop, int side, int64_t run)
{
    for (int64_t i = 0; i < loop.count; ++i)
    {
        Tensor const& tensor = loop.tensors[i];
        if (!tensor.isInput)
        {
            std::memcpy(tensor.host + run * tensor.bytes, tensor.pinned[side], static_cast<std::size_t>(tensor.bytes));
        }
    }
}

bool start(Loop const& loop, Driver const& driver, int side)
{
    if (loop.graphs[side] != nullptr)
    {
        return driver.launch(loop.graphs[side], loop.stream) == 0;
    }
    bool good = true;
    for (int64_t i = 0; i < loop.count; ++i)
    {
        Tensor const& tensor = loop.tensors[i];
        good = good && (!tensor.isInput || driver.copyToDevice(tensor.device, tensor.pinned[side], static_cast<std::size_t>(tensor.bytes), loop.stream) == 0);
    }
    good = good && enqueueV3(loop);
    for (int64_t i = 0; i < loop.count; ++i)
    {
        Tensor const& tensor = loop.tensors[i];
        good = good && (tensor.isInput || driver.copyToHost(tensor.pinned[side], tensor.device, static_cast<std::size_t>(tensor.bytes), loop.stream) == 0);
    }
    return good;
}

using Clock = std::chrono::steady_clock;

int64_t since(Clock::time_point begin)
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
}
} // namespace

#define BENCHMARK extern "C" __attribute__((visibility("default")))

/// Finds the driver's functions. Answers whether there is a driver.
BENCHMARK int32_t double_buffer_driver(Driver* driver)
{
    void* library = dlopen("libcuda.so.1", RTLD_NOW);
    if (library == nullptr)
    {
        return 0;
    }
    driver->copyToDevice = reinterpret_cast<decltype(driver->copyToDevice)>(dlsym(library, "cuMemcpyHtoDAsync_v2"));
    driver->copyToHost = reinterpret_cast<decltype(driver->copyToHost)>(dlsym(library, "cuMemcpyDtoHAsync_v2"));
    driver->launch = reinterpret_cast<decltype(driver->launch)>(dlsym(library, "cuGraphLaunch"));
    driver->record = reinterpret_cast<decltype(driver->record)>(dlsym(library, "cuEventRecord"));
    driver->waitForEvent = reinterpret_cast<decltype(driver->waitForEvent)>(dlsym(library, "cuEventSynchronize"));
    driver->waitForStream = reinterpret_cast<decltype(driver->waitForStream)>(dlsym(library, "cuStreamSynchronize"));
    return driver->copyToDevice != nullptr && driver->copyToHost != nullptr && driver->launch != nullptr && driver->record != nullptr && driver->waitForEvent != nullptr && driver->waitForStream != nullptr;
}

/// Runs one behind the other with two sets of buffers: nanoseconds of all, or −1 when a call failed.
BENCHMARK int64_t double_buffer_runs(Loop const* loop, Driver const* driver, int64_t runs)
{
    auto const begin = Clock::now();
    for (int64_t run = 0; run < runs + 2; ++run)
    {
        int const side = static_cast<int>(run & 1);
        if (run >= 2 && run - 2 < runs)
        {
            if (driver->waitForEvent(loop->events[side]) != 0)
            {
                return -1;
            }
            read(*loop, side, run - 2);
        }
        if (run < runs)
        {
            write(*loop, side, run);
            if (!start(*loop, *driver, side) || driver->record(loop->events[side], loop->stream) != 0)
            {
                return -1;
            }
        }
    }
    return since(begin);
}

/// Runs each of which is waited for before the next begins.
BENCHMARK int64_t double_buffer_calls(Loop const* loop, Driver const* driver, int64_t runs)
{
    auto const begin = Clock::now();
    for (int64_t run = 0; run < runs; ++run)
    {
        write(*loop, 0, 0);
        if (!start(*loop, *driver, 0) || driver->waitForStream(loop->stream) != 0)
        {
            return -1;
        }
        read(*loop, 0, 0);
    }
    return since(begin);
}
