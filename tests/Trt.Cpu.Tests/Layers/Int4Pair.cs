namespace Trt.Cpu.Tests.Layers;

/// <summary>Two 4-bit integers as they lie in memory: the first one in the low half of the byte.</summary>
internal readonly record struct Int4Pair(byte Bits)
{
    /// <summary>Numbers of -8 to 7, two to a byte; the last half byte is 0 where their number is odd.</summary>
    public static Int4Pair[] Pack(params ReadOnlySpan<int> numbers)
    {
        Int4Pair[] pairs = new Int4Pair[(numbers.Length + 1) / 2];
        for (int i = 0; i < numbers.Length; i++)
        {
            pairs[i / 2] = new Int4Pair((byte)(pairs[i / 2].Bits | ((numbers[i] & 15) << (i % 2 * 4))));
        }

        return pairs;
    }
}
