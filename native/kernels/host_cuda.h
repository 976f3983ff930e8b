// Kernels as C++ of the host, so that their arithmetic can be checked where there is no GPU. Threads run one after another: __syncthreads is not there.
#pragma once

#include <cstddef>
#include <cstring>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline

struct Index
{
    unsigned x, y, z;
};

static thread_local Index threadIdx, blockIdx, blockDim, gridDim;

template <typename T>
static T next_argument(const char *arguments, std::size_t &at)
{
    at = (at + alignof(T) - 1) / alignof(T) * alignof(T);
    T value;
    std::memcpy(&value, arguments + at, sizeof(T));
    at += sizeof(T);
    return value;
}

template <typename... A>
struct KernelCall
{
    KernelCall(void (*kernel)(A...), A... a) { kernel(a...); }
};

// Runs a kernel for a whole grid, with arguments laid out as the driver has them.
template <typename... A>
static void run_kernel(void (*kernel)(A...), const unsigned *grid, const unsigned *block, const char *arguments)
{
    gridDim = {grid[0], grid[1], grid[2]};
    blockDim = {block[0], block[1], block[2]};
    for (blockIdx.z = 0; blockIdx.z < grid[2]; blockIdx.z++)
    for (blockIdx.y = 0; blockIdx.y < grid[1]; blockIdx.y++)
    for (blockIdx.x = 0; blockIdx.x < grid[0]; blockIdx.x++)
    for (threadIdx.z = 0; threadIdx.z < block[2]; threadIdx.z++)
    for (threadIdx.y = 0; threadIdx.y < block[1]; threadIdx.y++)
    for (threadIdx.x = 0; threadIdx.x < block[0]; threadIdx.x++)
    {
        std::size_t at = 0;
        KernelCall<A...>{kernel, next_argument<A>(arguments, at)...}; // braces, for they take arguments in their order
    }
}
