// Compiled behind the objects of 10.16: what C++ code pays for the calls that benchmarks/ measures through C#.
// The objects answer stored values and write nothing down.
#if defined(_WIN32)
#define PROBE_BENCH extern "C" __declspec(dllexport)
#else
#define PROBE_BENCH extern "C" __attribute__((visibility("default")))
#endif

namespace
{
struct BenchNetwork : P_INetworkDefinition
{
    struct Implementation : P_VNetworkDefinition
    {
        int32_t layers = 7;
        int32_t getNbLayers() const override { return layers; }
    } implementation;
    BenchNetwork() { mImpl = &implementation; }
};

struct BenchConvolution : P_IConvolutionLayer
{
    struct Implementation : P_VConvolutionLayer
    {
        Dims64 stride{2, {3, 5}};
        Dims64 getStrideNd() const override { return stride; }
    } implementation;
    BenchConvolution() { mImpl = &implementation; }
};

struct BenchContext : P_IExecutionContext
{
    struct Implementation : P_VExecutionContext
    {
        void* address = nullptr;
        bool setTensorAddress(char const* name, void* data) override
        {
            address = data;
            return name[0] != '\0';
        }
    } implementation;
    BenchContext() { mImpl = &implementation; }
};
}

PROBE_BENCH void* probe_bench_network() { return static_cast<INetworkDefinition*>(new BenchNetwork); }
PROBE_BENCH void* probe_bench_convolution() { return static_cast<IConvolutionLayer*>(new BenchConvolution); }
PROBE_BENCH void* probe_bench_context() { return static_cast<IExecutionContext*>(new BenchContext); }

// As an inline wrapper of TensorRT does it: load the implementation pointer, call its slot.
PROBE_BENCH int64_t probe_bench_nb_layers(void* object, int64_t times)
{
    auto* const network = static_cast<INetworkDefinition*>(object);
    int64_t sum = 0;
    for (int64_t one = 0; one < times; ++one) sum += network->mImpl->getNbLayers();
    return sum;
}

PROBE_BENCH int64_t probe_bench_stride(void* object, int64_t times)
{
    auto* const layer = static_cast<IConvolutionLayer*>(object);
    int64_t sum = 0;
    for (int64_t one = 0; one < times; ++one) sum += layer->mImpl->getStrideNd().d[1];
    return sum;
}

PROBE_BENCH int64_t probe_bench_set_tensor_address(void* object, char const* name, int64_t times)
{
    auto* const context = static_cast<IExecutionContext*>(object);
    int64_t sum = 0;
    for (int64_t one = 0; one < times; ++one) sum += context->mImpl->setTensorAddress(name, reinterpret_cast<void*>(one + 4096));
    return sum;
}
