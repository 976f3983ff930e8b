// A library that answers like TensorRT 10.16 for the handful of functions that are measured, and the loops that C++ programs would run over them.
#include "trt_abi.hpp"

#include <chrono>
#include <cstring>
#ifndef _WIN32
#include <dlfcn.h>
#endif

namespace
{
namespace trt = trt_abi::tensorrt_10_16;

constexpr int kSLOTS = 128;

/// A vtable whose functions answer 0, but for those that are put there.
struct Table
{
    void* slots[kSLOTS];

    static std::intptr_t nothing(void*)
    {
        return 0;
    }

    Table()
    {
        for (void*& slot : slots)
        {
            slot = reinterpret_cast<void*>(&nothing);
        }
    }

    /// The slot of a virtual function: the Itanium ABI puts one more than its offset into the pointer to member.
    template <typename Member>
    Table& put(Member member, void* function)
    {
        std::intptr_t offset = 0;
        std::memcpy(&offset, &member, sizeof(offset));
        slots[(offset - 1) / static_cast<std::intptr_t>(sizeof(void*))] = function;
        return *this;
    }
};

struct Implementation
{
    void** vtable;
};

/// As all of TensorRT's wrappers: a vtable of their own, then an implementation for each level.
struct Wrapper
{
    void** vtable;
    Implementation* first;
    Implementation* second;
};

struct Object
{
    Table own;
    Table table1;
    Table table2;
    Implementation first{table1.slots};
    Implementation second{table2.slots};
    Wrapper wrapper{own.slots, &first, &second};
};

Object network;
Object convolution;
Object builder;
Object runtime;
Object engine;
Object context;
void* address;

int32_t getNbLayers(void*)
{
    return 7;
}

// A layer answers with what it stores.
trt::Dims64 stride{2, {3, 4}};

trt::Dims64 getStrideNd(void*)
{
    return stride;
}

bool setTensorAddress(void*, char const* name, void* data)
{
    address = data;
    return name[0] == 'd';
}

bool setInputShape(void*, char const* name, trt::Dims64 const& shape)
{
    stride.d[0] = shape.d[0];
    return name[0] == 'd';
}

trt::Dims64 getTensorShape(void*, char const*)
{
    return stride;
}

bool enqueueV3(void*, trt_abi::cudaStream_t)
{
    return true;
}

void* addConvolutionNd(void*, trt::ITensor&, int64_t, trt::Dims64 const&, trt::Weights, trt::Weights)
{
    return &convolution.wrapper;
}

void* addInput(void*, char const*, trt::DataType, trt::Dims64 const&)
{
    return &builder.wrapper;
}

void* createNetworkV2(void*, uint32_t)
{
    return &network.wrapper;
}

void* createExecutionContext(void*, trt::ExecutionContextAllocationStrategy)
{
    return &context.wrapper;
}

void* deserializeCudaEngine(void*, void const*, std::size_t)
{
    return &engine.wrapper;
}

bool prepared = [] {
    network.table1.put(&trt::VNetworkDefinition::getNbLayers, reinterpret_cast<void*>(&getNbLayers))
        .put(&trt::VNetworkDefinition::addConvolutionNd, reinterpret_cast<void*>(&addConvolutionNd))
        .put(&trt::VNetworkDefinition::addInput, reinterpret_cast<void*>(&addInput));
    convolution.table2.put(&trt::VConvolutionLayer::getStrideNd, reinterpret_cast<void*>(&getStrideNd));
    builder.table1.put(&trt::VBuilder::createNetworkV2, reinterpret_cast<void*>(&createNetworkV2));
    context.table1.put(&trt::VExecutionContext::setTensorAddress, reinterpret_cast<void*>(&setTensorAddress));
    context.table1.put(&trt::VExecutionContext::setInputShape, reinterpret_cast<void*>(&setInputShape))
        .put(&trt::VExecutionContext::getTensorShape, reinterpret_cast<void*>(&getTensorShape))
        .put(&trt::VExecutionContext::enqueueV3, reinterpret_cast<void*>(&enqueueV3));
    engine.table1.put(&trt::VCudaEngine::getNbIOTensors, reinterpret_cast<void*>(&getNbLayers));
    engine.table1.put(&trt::VCudaEngine::createExecutionContext, reinterpret_cast<void*>(&createExecutionContext));
    using Deserialize = trt::ICudaEngine* (trt::VRuntime::*) (void const*, std::size_t);
    runtime.table1.put(static_cast<Deserialize>(&trt::VRuntime::deserializeCudaEngine), reinterpret_cast<void*>(&deserializeCudaEngine));
    return true;
}();

#ifndef _WIN32
void hear(void*, int32_t, char const*)
{
}
#endif
} // namespace

#ifdef _WIN32
#define TRT_EXPORT extern "C" __declspec(dllexport)
#else
#define TRT_EXPORT extern "C" __attribute__((visibility("default")))
#endif

TRT_EXPORT int32_t getInferLibVersion()
{
    return 101600;
}

TRT_EXPORT void* createInferBuilder_INTERNAL(void*, int32_t)
{
    return &builder.wrapper;
}

TRT_EXPORT void* createInferRuntime_INTERNAL(void*, int32_t)
{
    return &runtime.wrapper;
}

// The loops. Each call goes through wrapper and implementation, as the inline functions of TensorRT's headers do.

TRT_EXPORT int64_t loop_nb_layers(int64_t times)
{
    auto* object = reinterpret_cast<trt::INetworkDefinition*>(&network.wrapper);
    int64_t sum = 0;
    for (int64_t i = 0; i < times; ++i)
    {
        sum += object->mImpl->getNbLayers();
    }
    return sum;
}

TRT_EXPORT int64_t loop_stride_nd(int64_t times)
{
    auto* object = reinterpret_cast<trt::IConvolutionLayer*>(&convolution.wrapper);
    int64_t sum = 0;
    for (int64_t i = 0; i < times; ++i)
    {
        sum += object->mImpl->getStrideNd().d[1];
    }
    return sum;
}

TRT_EXPORT int64_t loop_set_tensor_address(int64_t times)
{
    auto* object = reinterpret_cast<trt::IExecutionContext*>(&context.wrapper);
    int64_t sum = 0;
    for (int64_t i = 0; i < times; ++i)
    {
        sum += object->mImpl->setTensorAddress("data", reinterpret_cast<void*>(i)) ? 1 : 0;
    }
    return sum;
}

/// Milliseconds that a C++ program needs to load a library and make a builder; negative when it could not.
TRT_EXPORT double load_and_create(char const* path)
{
#ifdef _WIN32
    return -1;
#else
    static void* table[8];
    for (void*& slot : table)
    {
        slot = reinterpret_cast<void*>(&hear);
    }
    static void** logger = table;
    auto const begin = std::chrono::steady_clock::now();
    void* library = dlopen(path, RTLD_NOW);
    if (library == nullptr)
    {
        return -1;
    }
    using Version = int32_t (*)();
    using Create = void* (*) (void*, int32_t);
    auto version = reinterpret_cast<Version>(dlsym(library, "getInferLibVersion"));
    auto create = reinterpret_cast<Create>(dlsym(library, "createInferBuilder_INTERNAL"));
    void* made = create(&logger, version());
    auto const end = std::chrono::steady_clock::now();
    return reinterpret_cast<std::uintptr_t>(made) < 4096 ? -2 : std::chrono::duration<double, std::milli>(end - begin).count();
#endif
}
