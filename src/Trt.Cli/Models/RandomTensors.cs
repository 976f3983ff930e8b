using System.Runtime.InteropServices;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>Random values for inputs, in trtexec's ranges: floats in -1 to 1, integers in -128 to 127, UINT8 0 to 255, BOOL 0 and 1.</summary>
internal static class RandomTensors
{
    /// <summary>What trtexec and Polygraphy users expect to be the same each time.</summary>
    public const int DefaultSeed = 1;

    /// <summary>Values that depend on the seed, the name and the shape alone, so that inputs do not change when others come or go.</summary>
    public static TorchTensor Of(string name, TorchDType type, IReadOnlyList<long> shape, int seed = DefaultSeed)
    {
        long count = shape.Aggregate(1L, (product, extent) => checked(product * extent));
        Random random = new(HashCode(name) ^ seed);
        switch (type)
        {
            case TorchDType.Int8 or TorchDType.UInt8:
                byte[] bytes = new byte[count];
                random.NextBytes(bytes);
                return TorchTensor.FromBytes(bytes, type, [.. shape]).WithName(name);
            case TorchDType.Bool:
                byte[] bits = new byte[count];
                random.NextBytes(bits);
                return TorchTensor.FromBytes(Array.ConvertAll(bits, value => (byte)(value & 1)), type, [.. shape]).WithName(name);
            case TorchDType.Int16 or TorchDType.Int32 or TorchDType.Int64 or TorchDType.UInt16 or TorchDType.UInt32 or TorchDType.UInt64:
                int least = type is TorchDType.UInt16 or TorchDType.UInt32 or TorchDType.UInt64 ? 0 : -128;
                long[] integers = new long[count];
                for (int i = 0; i < integers.Length; i++)
                {
                    integers[i] = random.Next(least, least + 256);
                }

                return TorchTensor.FromArray(integers, [.. shape]).WithName(name).ConvertTo(type, ConversionRule.Exact);
            default:
                float[] values = new float[count];
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (2 * random.NextSingle()) - 1;
                }

                return TorchTensor.FromArray(values, [.. shape]).WithName(name).ConvertTo(type, ConversionRule.Lossy);
        }
    }

    /// <summary>A text's hash that is the same in every process.</summary>
    private static int HashCode(string text)
    {
        uint hash = 2166136261; // FNV-1a
        foreach (byte value in MemoryMarshal.AsBytes(text.AsSpan()))
        {
            hash = (hash ^ value) * 16777619;
        }

        return (int)hash;
    }
}
