using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>Softmax of float or Half, on the CPU; blocks of the outer axes one after another, for all of them together may be longer than a span.</summary>
internal readonly unsafe struct SoftmaxTwin<T>(nint scores, nint probabilities, long length, int extent, int inner) : IHostTwin
    where T : unmanaged
{
    public void Run()
    {
        int block = checked(extent * inner);
        for (long at = 0; at < length; at += block)
        {
            Span<T> from = new((T*)scores + at, block), to = new((T*)probabilities + at, block);
            if (typeof(T) == typeof(float))
            {
                HostScores.Softmax(MemoryMarshal.Cast<T, float>(from), extent, inner, MemoryMarshal.Cast<T, float>(to));
            }
            else
            {
                HostScores.Softmax(MemoryMarshal.Cast<T, Half>(from), extent, inner, MemoryMarshal.Cast<T, Half>(to));
            }
        }
    }
}
