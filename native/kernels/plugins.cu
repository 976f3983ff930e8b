// nvcc: --fmad=false
// The sample plugins' kernels (samples/Plugins): where elements are not 0, circular padding, hardmax.
#include "numbers.cuh"

const int Tile = 1024; // elements of a block of the two kernels of NonZero

__device__ __forceinline__ int is_set(float value) { return value != 0; } // not-a-number is not 0

// ---- NonZero: count in each tile, then write each tile's places behind those of the tiles before ----

template <typename T>
__device__ __forceinline__ void count_tile(const T *values, u32 *counts, long long total)
{
    __shared__ u32 sum;
    if (threadIdx.x == 0)
    {
        sum = 0;
    }

    __syncthreads();
    for (int i = threadIdx.x; i < Tile; i += blockDim.x)
    {
        long long at = (long long)blockIdx.x * Tile + i;
        if (at < total && is_set(load(values, at)))
        {
            atomicAdd(&sum, 1u);
        }
    }

    __syncthreads();
    if (threadIdx.x == 0)
    {
        counts[blockIdx.x] = sum;
    }
}

// Blocks of Tile threads; gridDim.x is the number of tiles.
template <typename T>
__device__ __forceinline__ void write_tile(const T *values, const u32 *counts, int *indices, long long *count, long long total, int columns, int byRow)
{
    __shared__ u32 before, all;
    __shared__ u32 ranks[Tile];
    int thread = threadIdx.x;
    if (thread == 0)
    {
        before = all = 0;
    }

    __syncthreads();
    for (u32 tile = thread; tile < gridDim.x; tile += Tile)
    {
        u32 here = counts[tile];
        atomicAdd(&all, here);
        if (tile < blockIdx.x)
        {
            atomicAdd(&before, here);
        }
    }

    long long at = (long long)blockIdx.x * Tile + thread;
    u32 set = at < total ? is_set(load(values, at)) : 0;
    ranks[thread] = set;
    for (int step = 1; step < Tile; step *= 2)
    {
        __syncthreads();
        u32 left = thread >= step ? ranks[thread - step] : 0;
        __syncthreads();
        ranks[thread] += left;
    }

    __syncthreads();
    if (set)
    {
        long long place = before + ranks[thread] - 1;
        int row = (int)(at / columns), column = (int)(at % columns);
        indices[byRow ? 2 * place : place] = row;
        indices[byRow ? 2 * place + 1 : all + place] = column;
    }

    if (blockIdx.x == 0 && thread == 0)
    {
        *count = all;
    }
}

extern "C" __global__ void nonzero_count_float(const float *values, u32 *counts, long long total) { count_tile(values, counts, total); }

extern "C" __global__ void nonzero_count_half(const u16 *values, u32 *counts, long long total) { count_tile(values, counts, total); }

extern "C" __global__ void nonzero_write_float(const float *values, const u32 *counts, int *indices, long long *count, long long total, int columns, int byRow)
{
    write_tile(values, counts, indices, count, total, columns, byRow);
}

extern "C" __global__ void nonzero_write_half(const u16 *values, const u32 *counts, int *indices, long long *count, long long total, int columns, int byRow)
{
    write_tile(values, counts, indices, count, total, columns, byRow);
}

// ---- circular padding of the last two axes ----

__device__ __forceinline__ int wrapped(int at, int extent)
{
    int place = at % extent;
    return place < 0 ? place + extent : place;
}

template <typename T>
__device__ __forceinline__ void pad(const T *from, T *to, long long total, int height, int width, int newHeight, int newWidth, int top, int left)
{
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < total; i += (long long)gridDim.x * blockDim.x)
    {
        int x = (int)(i % newWidth);
        int y = (int)(i / newWidth % newHeight);
        long long plane = i / newWidth / newHeight;
        to[i] = from[(plane * height + wrapped(y - top, height)) * width + wrapped(x - left, width)];
    }
}

extern "C" __global__ void circpad_4(const u32 *from, u32 *to, long long total, int height, int width, int newHeight, int newWidth, int top, int left)
{
    pad(from, to, total, height, width, newHeight, newWidth, top, left);
}

extern "C" __global__ void circpad_2(const u16 *from, u16 *to, long long total, int height, int width, int newHeight, int newWidth, int top, int left)
{
    pad(from, to, total, height, width, newHeight, newWidth, top, left);
}

// ---- hardmax: 1 at the greatest of each line, the first of equal ones, 0 elsewhere ----

template <typename T>
__device__ __forceinline__ void hardmax(const T *scores, T *result, long long lines, int extent, int inner)
{
    for (long long line = (long long)blockIdx.x * blockDim.x + threadIdx.x; line < lines; line += (long long)gridDim.x * blockDim.x)
    {
        u64 start = (u64)(line / inner) * extent * inner + line % inner;
        u64 best = 0;
        for (int i = 0; i < extent; i++)
        {
            u64 key = key_of(load(scores, start + (u64)i * inner), i);
            best = key > best ? key : best;
        }

        for (int i = 0; i < extent; i++)
        {
            store(result, start + (u64)i * inner, i == (int)~(u32)best ? 1.0f : 0.0f);
        }
    }
}

extern "C" __global__ void hardmax_float(const float *scores, float *result, long long lines, int extent, int inner) { hardmax(scores, result, lines, extent, inner); }

extern "C" __global__ void hardmax_half(const u16 *scores, u16 *result, long long lines, int extent, int inner) { hardmax(scores, result, lines, extent, inner); }
