// The other program of an exchange through DLPack, in C++: takes tensors, writes into them and gives them back; makes tensors and counts their deleters.
// The structures are those of dlpack.h 1.1.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <dlfcn.h>

namespace
{
struct Device
{
    int32_t type;
    int32_t id;
};

struct Type
{
    uint8_t code;
    uint8_t bits;
    uint16_t lanes;
};

struct Tensor
{
    void* data;
    Device device;
    int32_t ndim;
    Type type;
    int64_t* shape;
    int64_t* strides;
    uint64_t byteOffset;
};

struct Managed
{
    Tensor tensor;
    void* context;
    void (*deleter)(Managed*);
};

struct Versioned
{
    uint32_t major;
    uint32_t minor;
    void* context;
    void (*deleter)(Versioned*);
    uint64_t flags;
    Tensor tensor;
};

static_assert(sizeof(Tensor) == 48 && sizeof(Managed) == 64 && sizeof(Versioned) == 80, "dlpack.h's layout on 64-bit systems");

constexpr int32_t kCPU = 1;
constexpr int32_t kCUDA = 2;
constexpr int64_t kROWS = 3;
constexpr int64_t kCOLUMNS = 4;
constexpr uint64_t kOFFSET = 256;

struct Driver
{
    int (*fill)(std::uintptr_t, unsigned, std::size_t, void*);
    int (*wait)(void*);
    int (*allocate)(std::uintptr_t*, std::size_t);
    int (*release)(std::uintptr_t);
    int (*copy)(std::uintptr_t, void const*, std::size_t);

    Driver()
    {
        void* library = dlopen("libcuda.so.1", RTLD_NOW);
        auto find = [=](char const* name) { return library == nullptr ? nullptr : dlsym(library, name); };
        fill = reinterpret_cast<decltype(fill)>(find("cuMemsetD32Async"));
        wait = reinterpret_cast<decltype(wait)>(find("cuStreamSynchronize"));
        allocate = reinterpret_cast<decltype(allocate)>(find("cuMemAlloc_v2"));
        release = reinterpret_cast<decltype(release)>(find("cuMemFree_v2"));
        copy = reinterpret_cast<decltype(copy)>(find("cuMemcpyHtoD_v2"));
    }
};

Driver const& driver()
{
    static Driver const found;
    return found;
}

int32_t deleted;

/// Writes one 32-bit pattern into all elements. Negative: what is wrong with the tensor; positive: the driver's error.
int32_t fill(Tensor const& tensor, uint32_t pattern, void* stream)
{
    if (tensor.type.bits * tensor.type.lanes != 32)
    {
        return -1;
    }
    int64_t count = 1;
    for (int32_t i = tensor.ndim - 1; i >= 0; --i)
    {
        if (tensor.strides == nullptr || tensor.strides[i] != count)
        {
            return -2;
        }
        count *= tensor.shape[i];
    }
    char* first = static_cast<char*>(tensor.data) + tensor.byteOffset;
    if (tensor.device.type == kCPU)
    {
        for (int64_t i = 0; i < count; ++i)
        {
            reinterpret_cast<uint32_t*>(first)[i] = pattern;
        }
        return 0;
    }
    int const result = driver().fill(reinterpret_cast<std::uintptr_t>(first), pattern, static_cast<std::size_t>(count), stream);
    return result != 0 ? result : driver().wait(stream);
}

/// What a tensor made here stands on.
struct Made
{
    void* memory;
    bool onDevice;
    int64_t shape[2];
    int64_t strides[2];
};

void end(void* context)
{
    Made* made = static_cast<Made*>(context);
    if (made->onDevice)
    {
        driver().release(reinterpret_cast<std::uintptr_t>(made->memory));
    }
    else
    {
        std::free(made->memory);
    }
    delete made;
    ++deleted;
}

void deleteManaged(Managed* self)
{
    end(self->context);
    delete self;
}

void deleteVersioned(Versioned* self)
{
    end(self->context);
    delete self;
}

/// 3 × 4 floats 0, 0.5, 1 … that begin 256 bytes into their memory.
bool make(int32_t deviceType, int32_t deviceId, Tensor& tensor, void*& context)
{
    float values[kOFFSET / sizeof(float) + kROWS * kCOLUMNS]{};
    for (int64_t i = 0; i < kROWS * kCOLUMNS; ++i)
    {
        values[kOFFSET / sizeof(float) + i] = 0.5F * static_cast<float>(i);
    }
    Made* made = new Made{nullptr, deviceType == kCUDA, {kROWS, kCOLUMNS}, {kCOLUMNS, 1}};
    if (made->onDevice)
    {
        std::uintptr_t address = 0;
        if (driver().allocate(&address, sizeof(values)) != 0 || driver().copy(address, values, sizeof(values)) != 0)
        {
            delete made;
            return false;
        }
        made->memory = reinterpret_cast<void*>(address);
    }
    else
    {
        made->memory = std::malloc(sizeof(values));
        for (std::size_t i = 0; i < sizeof(values) / sizeof(float); ++i)
        {
            static_cast<float*>(made->memory)[i] = values[i];
        }
    }
    tensor = Tensor{made->memory, {deviceType, deviceId}, 2, {2, 32, 1}, made->shape, made->strides, kOFFSET};
    context = made;
    return true;
}
} // namespace

#define BENCHMARK extern "C" __attribute__((visibility("default")))

/// Takes a DLManagedTensor: fills it and calls its deleter.
BENCHMARK int32_t dlpack_take(void* tensor, uint32_t pattern, void* stream)
{
    Managed* managed = static_cast<Managed*>(tensor);
    int32_t const result = fill(managed->tensor, pattern, stream);
    managed->deleter(managed);
    return result;
}

/// Takes a DLManagedTensorVersioned; −3 when it is read-only, and then it is only given back.
BENCHMARK int32_t dlpack_take_versioned(void* tensor, uint32_t pattern, void* stream)
{
    Versioned* managed = static_cast<Versioned*>(tensor);
    int32_t const result = managed->major != 1 ? -4 : (managed->flags & 1) != 0 ? -3 : fill(managed->tensor, pattern, stream);
    managed->deleter(managed);
    return result;
}

BENCHMARK void* dlpack_make(int32_t deviceType, int32_t deviceId)
{
    Managed* managed = new Managed{};
    managed->deleter = &deleteManaged;
    return make(deviceType, deviceId, managed->tensor, managed->context) ? managed : nullptr;
}

BENCHMARK void* dlpack_make_versioned(int32_t deviceType, int32_t deviceId, uint64_t flags)
{
    Versioned* managed = new Versioned{};
    managed->major = 1;
    managed->flags = flags;
    managed->deleter = &deleteVersioned;
    return make(deviceType, deviceId, managed->tensor, managed->context) ? managed : nullptr;
}

BENCHMARK int32_t dlpack_deleted()
{
    return deleted;
}
