using System.Runtime.CompilerServices;

namespace Trt.Utils;

/// <summary>Copies a strided view into contiguous memory, last dimension fastest. Addresses need no alignment.</summary>
internal static unsafe class StridedCopy
{
    /// <param name="source">The view's first element.</param>
    /// <param name="target">Room for all elements.</param>
    /// <param name="shape">Dimensions; none is 0.</param>
    /// <param name="strides">Elements between neighbours of each dimension.</param>
    /// <param name="elementSize">1, 2, 4, 8 or 16 bytes.</param>
    public static void Copy(byte* source, byte* target, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, int elementSize)
    {
        switch (elementSize)
        {
            case 1: Copy<byte>(source, target, shape, strides); break;
            case 2: Copy<ushort>(source, target, shape, strides); break;
            case 4: Copy<uint>(source, target, shape, strides); break;
            case 8: Copy<ulong>(source, target, shape, strides); break;
            case 16: Copy<UInt128>(source, target, shape, strides); break;
            default: throw new ArgumentOutOfRangeException(nameof(elementSize));
        }
    }

    private static void Copy<T>(byte* source, byte* target, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
        where T : unmanaged
    {
        if (shape.IsEmpty)
        {
            Unsafe.WriteUnaligned(target, Unsafe.ReadUnaligned<T>(source));
            return;
        }

        int last = shape.Length - 1;
        long step = strides[last] * sizeof(T);
        Span<long> index = new long[shape.Length];
        while (true)
        {
            byte* element = source;
            for (long i = 0; i < shape[last]; i++)
            {
                Unsafe.WriteUnaligned(target, Unsafe.ReadUnaligned<T>(element));
                element += step;
                target += sizeof(T);
            }

            int dimension = last - 1;
            for (; dimension >= 0; dimension--)
            {
                long stride = strides[dimension] * sizeof(T);
                source += stride;
                if (++index[dimension] < shape[dimension])
                {
                    break;
                }

                source -= stride * shape[dimension];
                index[dimension] = 0;
            }

            if (dimension < 0)
            {
                return;
            }
        }
    }
}
