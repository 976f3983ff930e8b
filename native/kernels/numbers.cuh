// What the kernels of scores, boxes and plugins share: the order of scores, half precision, exp, sine and cosine.
// Only + - * / and square roots, each rounded by IEEE 754's rules and never fused (--fmad=false), so that the CPU's twins give the same bits.
#pragma once

typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#if defined(__clang__) && defined(__CUDA__)
// nvcc knows these by itself.
__device__ __forceinline__ void __threadfence() { __nvvm_membar_gl(); }
__device__ __forceinline__ u32 atomicAdd(u32 *at, u32 value) { return (u32)__nvvm_atom_add_gen_i((int *)at, (int)value); }
#endif

__device__ __forceinline__ u32 bits_of(float value)
{
    union { float f; u32 u; } both;
    both.f = value;
    return both.u;
}

__device__ __forceinline__ float float_of(u32 bits)
{
    union { float f; u32 u; } both;
    both.u = bits;
    return both.f;
}

__device__ __forceinline__ double double_of(u64 bits)
{
    union { double d; u64 u; } both;
    both.u = bits;
    return both.d;
}

#if defined(__CUDACC__) || defined(__CUDA__)
__device__ __forceinline__ float widen(u16 half)
{
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(half));
    return value;
}

__device__ __forceinline__ u16 narrow(float value)
{
    u16 half;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(value));
    return half;
}

__device__ __forceinline__ double root(double value)
{
    double result;
    asm("sqrt.rn.f64 %0, %1;" : "=d"(result) : "d"(value));
    return result;
}
#endif

__device__ __forceinline__ float load(const float *from, u64 at) { return from[at]; }
__device__ __forceinline__ float load(const u16 *from, u64 at) { return widen(from[at]); }
__device__ __forceinline__ void store(float *to, u64 at, float value) { to[at] = value; }
__device__ __forceinline__ void store(u16 *to, u64 at, float value) { to[at] = narrow(value); }

// Rises with the score; -0 is 0, and not-a-number is above all. No score gives 0.
__device__ __forceinline__ u32 order_of(float score)
{
    u32 bits = bits_of(score);
    if ((bits & 0x7fffffffu) > 0x7f800000u)
    {
        return 0xffffffffu;
    }

    bits = bits == 0x80000000u ? 0 : bits;
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

// Rises with the score and, of equal ones, falls with the place: no two are the same.
__device__ __forceinline__ u64 key_of(float score, u32 place) { return (u64)order_of(score) << 32 | (u32)~place; }

// e^x within two units of the last place. x = n ln 2 + r; Taylor's series of degree 7 for |r| < 0.35 errs by less than 5e-9 of the result.
__device__ __forceinline__ float exponential(float x)
{
    if (!(x > -104.0f))
    {
        return x != x ? x : 0.0f;
    }

    if (x > 88.8f)
    {
        return float_of(0x7f800000u);
    }

    int n = (int)(x * 1.44269504f + (x < 0 ? -0.5f : 0.5f));
    float r = x - (float)n * 0.693359375f;
    r = r - (float)n * -2.12194440e-4f;
    float sum = 1.0f / 5040.0f;
    sum = sum * r + 1.0f / 720.0f;
    sum = sum * r + 1.0f / 120.0f;
    sum = sum * r + 1.0f / 24.0f;
    sum = sum * r + 1.0f / 6.0f;
    sum = sum * r + 0.5f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    int first = n / 2;
    int second = n - first; // in two steps, for 2^n may be no normal number
    return sum * float_of((u32)(first + 127) << 23) * float_of((u32)(second + 127) << 23);
}

__device__ __forceinline__ double power_of_two(int n) { return double_of((u64)(n + 1023) << 52); }

// The same in double precision, of degree 13.
__device__ __forceinline__ double exponential(double x)
{
    if (!(x > -708.0))
    {
        return x != x ? x : 0.0;
    }

    if (x > 709.0)
    {
        return double_of(0x7ff0000000000000ull);
    }

    int n = (int)(x * 1.4426950408889634 + (x < 0 ? -0.5 : 0.5));
    double r = x - (double)n * 6.93147180369123816490e-01;
    r = r - (double)n * 1.90821492927058770002e-10;
    double sum = 1.0;
    for (int i = 13; i > 0; i--)
    {
        sum = sum * r / i + 1.0;
    }

    int first = n / 2;
    return sum * power_of_two(first) * power_of_two(n - first);
}

// Sine and cosine of an angle below a million in absolute value, not-a-number of others: x = n pi/2 + r, then Taylor's series for |r| < 0.79.
__device__ __forceinline__ void turn(double x, double *sine, double *cosine)
{
    if (!(x > -1e6 && x < 1e6))
    {
        *sine = *cosine = double_of(0x7ff8000000000000ull);
        return;
    }

    int n = (int)(x * 0.63661977236758134 + (x < 0 ? -0.5 : 0.5));
    double r = x - (double)n * 1.57079632673412561417e+00;
    r = r - (double)n * 6.07710050650619224932e-11;
    double square = r * r;
    double s = 1.0, c = 1.0;
    for (int i = 16; i > 0; i -= 2)
    {
        s = 1.0 - s * square / (i * (i + 1));
        c = 1.0 - c * square / (i * (i - 1));
    }

    s = s * r;
    int quarter = n & 3;
    double first = quarter & 1 ? c : s;
    double second = quarter & 1 ? s : c;
    *sine = quarter & 2 ? -first : first;
    *cosine = quarter == 1 || quarter == 2 ? -second : second;
}
