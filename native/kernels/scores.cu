// nvcc: --fmad=false
// Softmax, argmax and top-k of rows of scores.
#include "numbers.cuh"

const int Threads = 256; // of a block, but where said otherwise

// ---- softmax ----

// A sum that carries what rounding took away (Kahan), so that rows of any length add up to 1.
struct Sum
{
    float value, lost;
};

__device__ __forceinline__ void add(Sum *sum, float value)
{
    float corrected = value - sum->lost;
    float next = sum->value + corrected;
    sum->lost = (next - sum->value) - corrected;
    sum->value = next;
}

// The greater, or not-a-number where one is.
__device__ __forceinline__ float greater(float a, float b) { return a > b || a != a ? a : b; }

// A block a row, for rows that lie next to each other in memory.
template <typename T>
__device__ __forceinline__ void softmax_row(const T *scores, T *probabilities, int extent)
{
    __shared__ float shared[Threads];
    int thread = threadIdx.x;
    scores += (u64)blockIdx.x * extent;
    probabilities += (u64)blockIdx.x * extent;
    float most = float_of(0xff800000u);
    for (int i = thread; i < extent; i += Threads)
    {
        most = greater(most, load(scores, i));
    }

    shared[thread] = most;
    for (int half = Threads / 2; half > 0; half /= 2)
    {
        __syncthreads();
        if (thread < half)
        {
            shared[thread] = greater(shared[thread], shared[thread + half]);
        }
    }

    __syncthreads();
    most = shared[0];
    __syncthreads();
    Sum sum = {0, 0};
    for (int i = thread; i < extent; i += Threads)
    {
        add(&sum, exponential(load(scores, i) - most));
    }

    shared[thread] = sum.value;
    for (int half = Threads / 2; half > 0; half /= 2)
    {
        __syncthreads();
        if (thread < half)
        {
            shared[thread] += shared[thread + half];
        }
    }

    __syncthreads();
    float total = shared[0];
    for (int i = thread; i < extent; i += Threads)
    {
        store(probabilities, i, exponential(load(scores, i) - most) / total);
    }
}

// A thread a line, for lines whose values lie `inner` apart, and for short rows.
template <typename T>
__device__ __forceinline__ void softmax_line(const T *scores, T *probabilities, long long lines, int extent, int inner)
{
    for (long long line = (long long)blockIdx.x * blockDim.x + threadIdx.x; line < lines; line += (long long)gridDim.x * blockDim.x)
    {
        u64 start = (u64)(line / inner) * extent * inner + line % inner;
        float most = float_of(0xff800000u);
        for (int i = 0; i < extent; i++)
        {
            most = greater(most, load(scores, start + (u64)i * inner));
        }

        Sum sum = {0, 0};
        for (int i = 0; i < extent; i++)
        {
            add(&sum, exponential(load(scores, start + (u64)i * inner) - most));
        }

        for (int i = 0; i < extent; i++)
        {
            store(probabilities, start + (u64)i * inner, exponential(load(scores, start + (u64)i * inner) - most) / sum.value);
        }
    }
}

extern "C" __global__ void softmax_rows_float(const float *scores, float *probabilities, int extent) { softmax_row(scores, probabilities, extent); }

extern "C" __global__ void softmax_rows_half(const u16 *scores, u16 *probabilities, int extent) { softmax_row(scores, probabilities, extent); }

extern "C" __global__ void softmax_lines_float(const float *scores, float *probabilities, long long lines, int extent, int inner)
{
    softmax_line(scores, probabilities, lines, extent, inner);
}

extern "C" __global__ void softmax_lines_half(const u16 *scores, u16 *probabilities, long long lines, int extent, int inner)
{
    softmax_line(scores, probabilities, lines, extent, inner);
}

// ---- argmax ----

template <typename T>
__device__ __forceinline__ void argmax_row(const T *scores, int *places, int extent)
{
    __shared__ u64 shared[Threads];
    int thread = threadIdx.x;
    scores += (u64)blockIdx.x * extent;
    u64 best = 0;
    for (int i = thread; i < extent; i += Threads)
    {
        u64 key = key_of(load(scores, i), i);
        best = key > best ? key : best;
    }

    shared[thread] = best;
    for (int half = Threads / 2; half > 0; half /= 2)
    {
        __syncthreads();
        if (thread < half && shared[thread + half] > shared[thread])
        {
            shared[thread] = shared[thread + half];
        }
    }

    if (thread == 0)
    {
        places[blockIdx.x] = (int)~(u32)shared[0];
    }
}

template <typename T>
__device__ __forceinline__ void argmax_line(const T *scores, int *places, long long lines, int extent, int inner)
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

        places[line] = (int)~(u32)best;
    }
}

extern "C" __global__ void argmax_rows_float(const float *scores, int *places, int extent) { argmax_row(scores, places, extent); }

extern "C" __global__ void argmax_rows_half(const u16 *scores, int *places, int extent) { argmax_row(scores, places, extent); }

extern "C" __global__ void argmax_lines_float(const float *scores, int *places, long long lines, int extent, int inner)
{
    argmax_line(scores, places, lines, extent, inner);
}

extern "C" __global__ void argmax_lines_half(const u16 *scores, int *places, long long lines, int extent, int inner)
{
    argmax_line(scores, places, lines, extent, inner);
}

// ---- top-k ----

// A score that does not exceed the floor, or is not a number, comes behind all that do; only top-k with a floor asks.
__device__ __forceinline__ u64 key_above(float score, u32 place, int hasFloor, float floor)
{
    return hasFloor && !(score > floor) ? (u64)(u32)~place : key_of(score, place);
}

// Falling order, in place; count is a power of two.
__device__ __forceinline__ void sort_falling(u64 *keys, int count)
{
    for (int size = 2; size <= count; size *= 2)
    {
        for (int step = size / 2; step > 0; step /= 2)
        {
            __syncthreads();
            for (int pair = threadIdx.x; pair < count / 2; pair += blockDim.x)
            {
                int low = 2 * pair - (pair & (step - 1));
                int high = low + step;
                u64 a = keys[low], b = keys[high];
                if ((a < b) == ((low & size) == 0))
                {
                    keys[low] = b;
                    keys[high] = a;
                }
            }
        }
    }

    __syncthreads();
}

__device__ __forceinline__ int power_above(int count)
{
    int power = 2;
    while (power < count)
    {
        power *= 2;
    }

    return power;
}

__device__ __forceinline__ void write_best(const float *scores, const u64 *keys, float *values, int *places, int k)
{
    for (int i = threadIdx.x; i < k; i += blockDim.x)
    {
        u32 place = ~(u32)keys[i];
        values[i] = scores[place];
        places[i] = (int)place;
    }
}

// Rows of at most 2048: a block sorts one.
extern "C" __global__ void topk_narrow(const float *scores, float *values, int *places, int width, int k, int hasFloor, float floor)
{
    __shared__ u64 keys[2048];
    scores += (u64)blockIdx.x * width;
    int count = power_above(width);
    for (int i = threadIdx.x; i < count; i += blockDim.x)
    {
        keys[i] = i < width ? key_above(scores[i], i, hasFloor, floor) : 0;
    }

    sort_falling(keys, count);
    write_best(scores, keys, values + (u64)blockIdx.x * k, places + (u64)blockIdx.x * k, k);
}

// Wider rows: the key of rank k is found digit by digit, by histograms of all keys that share the digits found so far; then the k keys from it on are
// collected and sorted.

const int Digits = 2048; // of a histogram

// Of a row, in the workspace: followed by k keys.
struct Search
{
    u64 prefix;    // the key of rank k as far as it is known, zeros below
    u32 remaining; // how many keys of this prefix belong to the k
    u32 ticket;    // how many blocks have added their histograms
    u32 taken;     // how many keys were collected
    u32 done;      // 1 when all keys of the prefix belong to the k
    u32 histogram[Digits];
};

__device__ __forceinline__ Search *search_of(char *workspace, int k, u32 row) { return (Search *)(workspace + row * (sizeof(Search) + (u64)k * sizeof(u64))); }

extern "C" __global__ void topk_begin(char *workspace, int k, u32 low)
{
    Search *search = search_of(workspace, k, blockIdx.x);
    for (int i = threadIdx.x; i < Digits; i += blockDim.x)
    {
        search->histogram[i] = 0;
    }

    if (threadIdx.x == 0)
    {
        search->prefix = low; // bits of places that all keys have
        search->remaining = k;
        search->ticket = 0;
        search->taken = 0;
        search->done = 0;
    }
}

// One digit: `bits` from bit `shift` on. gridDim.y is rows. The last block of a row to finish reads the histogram.
extern "C" __global__ void topk_digit(const float *scores, char *workspace, int width, int k, int shift, int bits, int hasFloor, float floor)
{
    __shared__ u32 histogram[Digits];
    __shared__ u32 sums[Threads];
    __shared__ u32 isLast;
    int thread = threadIdx.x;
    Search *search = search_of(workspace, k, blockIdx.y);
    if (search->done)
    {
        return;
    }

    u64 prefix = search->prefix;
    int above = shift + bits;
    u32 mask = (1u << bits) - 1;
    for (int i = thread; i < Digits; i += Threads)
    {
        histogram[i] = 0;
    }

    __syncthreads();
    scores += (u64)blockIdx.y * width;
    for (int i = blockIdx.x * Threads + thread; i < width; i += gridDim.x * Threads)
    {
        u64 key = key_above(scores[i], i, hasFloor, floor);
        if (above == 64 || key >> above == prefix >> above)
        {
            atomicAdd(&histogram[(u32)(key >> shift) & mask], 1u);
        }
    }

    __syncthreads();
    for (int i = thread; i < Digits; i += Threads)
    {
        if (histogram[i] != 0)
        {
            atomicAdd(&search->histogram[i], histogram[i]);
        }
    }

    __threadfence();
    __syncthreads();
    if (thread == 0)
    {
        isLast = atomicAdd(&search->ticket, 1u) == gridDim.x - 1;
    }

    __syncthreads();
    if (!isLast)
    {
        return;
    }

    __threadfence();
    const int Own = Digits / Threads; // a thread's digits; thread 0 has the greatest
    int first = Digits - (thread + 1) * Own;
    volatile u32 *global = search->histogram;
    u32 sum = 0;
    for (int i = 0; i < Own; i++)
    {
        histogram[first + i] = global[first + i];
        sum += histogram[first + i];
        global[first + i] = 0;
    }

    sums[thread] = sum;
    u32 remaining = search->remaining;
    __syncthreads();
    u32 before = 0; // keys with digits greater than this thread's
    for (int i = 0; i < thread; i++)
    {
        before += sums[i];
    }

    if (before < remaining && remaining <= before + sum)
    {
        for (int digit = first + Own - 1; digit >= first; digit--)
        {
            u32 here = histogram[digit];
            if (remaining <= before + here)
            {
                search->prefix = prefix | (u64)digit << shift;
                search->remaining = remaining - before;
                search->done = here == remaining - before;
                search->ticket = 0;
                break;
            }

            before += here;
        }
    }
}

extern "C" __global__ void topk_collect(const float *scores, char *workspace, int width, int k, int hasFloor, float floor)
{
    Search *search = search_of(workspace, k, blockIdx.y);
    u64 *keys = (u64 *)(search + 1);
    u64 least = search->prefix;
    scores += (u64)blockIdx.y * width;
    for (int i = blockIdx.x * Threads + threadIdx.x; i < width; i += gridDim.x * Threads)
    {
        u64 key = key_above(scores[i], i, hasFloor, floor);
        if (key >= least)
        {
            u32 slot = atomicAdd(&search->taken, 1u);
            if (slot < (u32)k)
            {
                keys[slot] = key;
            }
        }
    }
}

extern "C" __global__ void topk_sort(const float *scores, char *workspace, float *values, int *places, int width, int k)
{
    __shared__ u64 keys[4096];
    const u64 *collected = (const u64 *)(search_of(workspace, k, blockIdx.x) + 1);
    int count = power_above(k);
    for (int i = threadIdx.x; i < count; i += blockDim.x)
    {
        keys[i] = i < k ? collected[i] : 0;
    }

    sort_falling(keys, count);
    write_best(scores + (u64)blockIdx.x * width, keys, values + (u64)blockIdx.x * k, places + (u64)blockIdx.x * k, k);
}
