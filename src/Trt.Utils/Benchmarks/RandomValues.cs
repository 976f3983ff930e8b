using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Random values as trtexec makes them: floats in −1 to 1, integers −128 to 127, unsigned bytes 0 to 255, booleans 0 and 1.</summary>
internal static class RandomValues
{
    public static void Fill(Span<byte> bytes, DataType type, Random random)
    {
        switch (type)
        {
            case DataType.Float:
                foreach (ref float value in MemoryMarshal.Cast<byte, float>(bytes))
                {
                    value = (2 * random.NextSingle()) - 1;
                }

                break;
            case DataType.Half:
                foreach (ref Half value in MemoryMarshal.Cast<byte, Half>(bytes))
                {
                    value = (Half)((2 * random.NextSingle()) - 1);
                }

                break;
            case DataType.BF16:
                foreach (ref ushort value in MemoryMarshal.Cast<byte, ushort>(bytes))
                {
                    value = (ushort)(BitConverter.SingleToInt32Bits((2 * random.NextSingle()) - 1) >> 16);
                }

                break;
            case DataType.Int32:
                foreach (ref int value in MemoryMarshal.Cast<byte, int>(bytes))
                {
                    value = random.Next(-128, 128);
                }

                break;
            case DataType.Int64:
                foreach (ref long value in MemoryMarshal.Cast<byte, long>(bytes))
                {
                    value = random.Next(-128, 128);
                }

                break;
            default:
                random.NextBytes(bytes);
                for (int i = 0; i < bytes.Length && type is DataType.Bool or DataType.FP8 or DataType.E8M0; i++)
                {
                    // Float8 without its NaN; exponents from 2⁻⁸ to 2⁷.
                    bytes[i] = type switch
                    {
                        DataType.Bool => (byte)(bytes[i] & 1),
                        DataType.E8M0 => (byte)(119 + (bytes[i] & 15)),
                        _ => (byte)(bytes[i] & 0xb7),
                    };
                }

                break;
        }
    }
}
