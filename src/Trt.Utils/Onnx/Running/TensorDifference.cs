using System.Globalization;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>How far two tensors of one type and shape are apart.</summary>
internal static class TensorDifference
{
    /// <returns>The greatest difference, and a text about the first element that is too far off, or null.</returns>
    public static (double Worst, string? Text) Between(OnnxTensor wanted, OnnxTensor actual, double absolute, double relative)
    {
        if (wanted.ElementType == OnnxElementType.String)
        {
            int at = wanted.Strings.Zip(actual.Strings).ToList().FindIndex(pair => pair.First != pair.Second);
            return at < 0 ? (0, null) : (double.PositiveInfinity, $"element {at} is \"{actual.Strings[at]}\", not \"{wanted.Strings[at]}\"");
        }

        if (Number(wanted) is not { } first)
        {
            return wanted.AsBytes().SequenceEqual(actual.AsBytes()) ? (0, null) : (double.PositiveInfinity, "its bits are others");
        }

        double worst = 0;
        Func<long, double> before = first, after = Number(actual)!;
        for (long i = 0; i < wanted.ElementCount; i++)
        {
            double right = before(i), value = after(i);
            if (right.Equals(value) || right == value)
            {
                continue;
            }

            double difference = Math.Abs(value - right);
            if (!(difference <= absolute + (relative * Math.Abs(right))))
            {
                return (double.PositiveInfinity, string.Create(CultureInfo.InvariantCulture, $"element {i} is {value}, not {right}"));
            }

            worst = Math.Max(worst, difference);
        }

        GC.KeepAlive(wanted);
        GC.KeepAlive(actual);
        return (worst, null);
    }

    /// <summary>Elements as doubles; null for types that arithmetic is not done with.</summary>
    private static unsafe Func<long, double>? Number(OnnxTensor tensor)
    {
        nint at = tensor.Pointer;
        return tensor.ElementType switch
        {
            OnnxElementType.Float => i => ((float*)at)[i],
            OnnxElementType.Double => i => ((double*)at)[i],
            OnnxElementType.Half => i => (double)((Half*)at)[i],
            OnnxElementType.BFloat16 => i => BitConverter.UInt32BitsToSingle((uint)((ushort*)at)[i] << 16),
            OnnxElementType.Int8 => i => ((sbyte*)at)[i],
            OnnxElementType.UInt8 or OnnxElementType.Bool => i => ((byte*)at)[i],
            OnnxElementType.Int16 => i => ((short*)at)[i],
            OnnxElementType.UInt16 => i => ((ushort*)at)[i],
            OnnxElementType.Int32 => i => ((int*)at)[i],
            OnnxElementType.UInt32 => i => ((uint*)at)[i],
            OnnxElementType.Int64 => i => ((long*)at)[i],
            OnnxElementType.UInt64 => i => ((ulong*)at)[i],
            _ => null,
        };
    }
}
