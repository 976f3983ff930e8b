using System.Numerics;

namespace Trt.Utils;

/// <summary>Argmax on the CPU.</summary>
internal readonly unsafe struct ArgmaxTwin<T>(nint scores, nint places, long length, int extent, int inner) : IHostTwin
    where T : unmanaged, INumber<T>
{
    public void Run()
    {
        int block = checked(extent * inner);
        for (long at = 0; at < length; at += block)
        {
            HostScores.Argmax(new ReadOnlySpan<T>((T*)scores + at, block), extent, inner, new Span<int>((int*)places + (at / extent), inner));
        }
    }
}
