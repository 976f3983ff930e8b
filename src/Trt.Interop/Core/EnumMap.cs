namespace Trt.Interop.Core;

/// <summary>One enumeration in one release: which of its names there are, and under which numbers.</summary>
internal sealed class EnumMap
{
    private const int Missing = int.MinValue;
    private const int FirstOther = 0x10000;

    private readonly int enumeration;
    private readonly int[] low;
    private readonly int[] others;
    private readonly Dictionary<int, int>? back;

    /// <param name="enumeration">Its id.</param>
    /// <param name="pairs">Managed value, native value, and so on.</param>
    public EnumMap(int enumeration, ReadOnlySpan<int> pairs)
    {
        this.enumeration = enumeration;
        int lowSize = 0;
        int otherSize = 0;
        bool identity = true;
        for (int i = 0; i < pairs.Length; i += 2)
        {
            int managed = pairs[i];
            identity &= managed == pairs[i + 1];
            if (managed >= FirstOther)
            {
                otherSize = Math.Max(otherSize, managed - FirstOther + 1);
            }
            else if (managed >= 0)
            {
                lowSize = Math.Max(lowSize, managed + 1);
            }
        }

        low = new int[lowSize];
        others = new int[otherSize];
        Array.Fill(low, Missing);
        Array.Fill(others, Missing);
        back = identity ? null : [];
        for (int i = 0; i < pairs.Length; i += 2)
        {
            int managed = pairs[i];
            if (managed >= 0)
            {
                (managed >= FirstOther ? ref others[managed - FirstOther] : ref low[managed]) = pairs[i + 1];
            }

            back?.TryAdd(pairs[i + 1], managed);
        }
    }

    /// <summary>The number that the release gives to a managed value.</summary>
    /// <exception cref="NotInThisReleaseException">The release lacks the name.</exception>
    public int ToNative(int managed, TensorRtLibrary library)
    {
        return TryToNative(managed, out int native)
            ? native
            : throw NotInThisReleaseException.ForEnumerator(library, enumeration, managed);
    }

    public bool TryToNative(int managed, out int native)
    {
        native = (uint)managed < (uint)low.Length ? low[managed]
            : (uint)(managed - FirstOther) < (uint)others.Length ? others[managed - FirstOther]
            : managed < 0 ? managed
            : Missing;
        return native != Missing;
    }

    /// <summary>The managed value of a native number; a number that no header names stays as it is.</summary>
    public int ToManaged(int native) => back is not null && back.TryGetValue(native, out int managed) ? managed : native;

    /// <summary>The bits of a set of managed values.</summary>
    public uint ToNativeMask(ulong bits, TensorRtLibrary library)
    {
        uint native = 0;
        for (; bits != 0; bits &= bits - 1)
        {
            int bit = System.Numerics.BitOperations.TrailingZeroCount(bits);
            native |= 1u << ToNative(Mask.ValueOfBit(bit), library);
        }

        return native;
    }

    /// <summary>The set of managed values behind a native mask.</summary>
    public ulong ToManagedMask(uint native)
    {
        ulong bits = 0;
        for (; native != 0; native &= native - 1)
        {
            bits |= Mask.BitOfValue(ToManaged(System.Numerics.BitOperations.TrailingZeroCount(native)));
        }

        return bits;
    }
}
