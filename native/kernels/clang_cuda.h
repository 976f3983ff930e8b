// What nvcc knows by itself, for clang without a CUDA toolkit. Kernels include no headers, so this is all they need.
#pragma once

#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __host__ __attribute__((host))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))


#define TRT_INDEX(name, register)                                                                                                   \
    struct name##_index                                                                                                             \
    {                                                                                                                               \
        __declspec(property(get = get_x)) unsigned x;                                                                               \
        __declspec(property(get = get_y)) unsigned y;                                                                               \
        __declspec(property(get = get_z)) unsigned z;                                                                               \
        static __device__ __forceinline__ unsigned get_x() { return __nvvm_read_ptx_sreg_##register##_x(); }                        \
        static __device__ __forceinline__ unsigned get_y() { return __nvvm_read_ptx_sreg_##register##_y(); }                        \
        static __device__ __forceinline__ unsigned get_z() { return __nvvm_read_ptx_sreg_##register##_z(); }                        \
    };                                                                                                                              \
    extern const __device__ __attribute__((weak)) name##_index name;

TRT_INDEX(threadIdx, tid)
TRT_INDEX(blockIdx, ctaid)
TRT_INDEX(blockDim, ntid)
TRT_INDEX(gridDim, nctaid)
