using Trt.Interop;

namespace Trt.Utils;

/// <summary>32-bit weights in 16 bits.</summary>
internal static unsafe class NarrowWeights
{
    /// <summary>Halves round to an infinity from here on: half a step above the greatest, 65504.</summary>
    private const float BeyondHalf = 65520;

    /// <summary>Whether finite weights become infinite in a type.</summary>
    public static bool IsBeyond(Weights weights, DataType type)
    {
        ReadOnlySpan<float> values = Values(weights);
        for (int i = 0; i < values.Length; i++)
        {
            float magnitude = MathF.Abs(values[i]);
            if (float.IsFinite(magnitude) && (type == DataType.Half ? magnitude >= BeyondHalf : !float.IsFinite(BrainFloat.ToSingle(BrainFloat.FromSingle(magnitude)))))
            {
                return true;
            }
        }

        GC.KeepAlive(weights.Owner);
        return false;
    }

    /// <summary>The weights rounded to nearest, in memory of their own; others than 32-bit floats as they are.</summary>
    /// <param name="weights">Weights.</param>
    /// <param name="type">Half or BF16.</param>
    /// <param name="zeros">Counts weights that became zero.</param>
    public static Weights Convert(Weights weights, DataType type, ref long zeros)
    {
        if (weights.Type != DataType.Float)
        {
            return weights;
        }

        ReadOnlySpan<float> values = Values(weights);
        if (values.IsEmpty)
        {
            return Weights.Empty(type);
        }

        ushort[] narrow = GC.AllocateUninitializedArray<ushort>(values.Length, pinned: true);
        for (int i = 0; i < values.Length; i++)
        {
            float value = values[i];
            narrow[i] = type == DataType.Half ? BitConverter.HalfToUInt16Bits((Half)value) : BrainFloat.FromSingle(value);
            if (value != 0 && (narrow[i] & 0x7fff) == 0)
            {
                zeros++;
            }
        }

        GC.KeepAlive(weights.Owner);
        return Of(type, narrow);
    }

    /// <summary>Zeros in brain floats.</summary>
    public static Weights Zeros(long count) => Of(DataType.BF16, GC.AllocateArray<ushort>(checked((int)count), pinned: true));

    private static Weights Of(DataType type, ushort[] pinned)
    {
        fixed (ushort* first = pinned)
        {
            return new Weights(type, (nint)first, pinned.Length, pinned);
        }
    }

    private static ReadOnlySpan<float> Values(Weights weights) =>
        weights.Type == DataType.Float && weights.Values != 0 && weights.Count > 0 ? new ReadOnlySpan<float>((void*)weights.Values, checked((int)weights.Count)) : [];
}
