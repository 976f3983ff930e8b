using System.Runtime.CompilerServices;

namespace Trt.Utils;

/// <summary>Turns the floating-point types into single precision: exact for all but <see cref="TorchDType.Float64"/>, which rounds to nearest.</summary>
internal static unsafe class FloatWidening
{
    /// <summary>Converts contiguous elements; the source needs no alignment.</summary>
    public static void Widen(TorchDType type, byte* source, Span<float> target)
    {
        switch (type)
        {
            case TorchDType.Float32:
                new ReadOnlySpan<byte>(source, checked(target.Length * sizeof(float))).CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(target));
                break;
            case TorchDType.Float64:
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = (float)Unsafe.ReadUnaligned<double>(source + ((long)i * sizeof(double)));
                }

                break;
            case TorchDType.Float16:
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = (float)Unsafe.ReadUnaligned<Half>(source + ((long)i * sizeof(ushort)));
                }

                break;
            case TorchDType.BFloat16:
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = BitConverter.UInt32BitsToSingle((uint)Unsafe.ReadUnaligned<ushort>(source + ((long)i * sizeof(ushort))) << 16);
                }

                break;
            case TorchDType.Float8E4M3FN:
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = FromE4M3FN(source[i]);
                }

                break;
            case TorchDType.Float8E5M2:
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] = (float)BitConverter.UInt16BitsToHalf((ushort)(source[i] << 8));
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "This is no floating-point type.");
        }
    }

    private static float FromE4M3FN(byte bits)
    {
        const int Bias = 7;
        int exponent = (bits >> 3) & 15;
        int mantissa = bits & 7;
        float magnitude = (exponent, mantissa) switch
        {
            (15, 7) => float.NaN,
            (0, _) => MathF.ScaleB(mantissa, 1 - Bias - 3),
            _ => MathF.ScaleB(8 + mantissa, exponent - Bias - 3),
        };
        return (bits & 0x80) != 0 ? -magnitude : magnitude;
    }
}
