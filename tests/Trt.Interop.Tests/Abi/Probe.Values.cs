using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Trt.Interop.Core;
using Trt.Interop.NvOnnxParser;

namespace Trt.Interop.Tests.Abi;

/// <content>Making and writing down values, in the words of native/abi_probe/probe.hpp.</content>
internal sealed unsafe partial class Probe
{
    public void Open() => output.Append('(');

    public void Close() => output.Append("),");

    public void Put(bool value) => Word(value ? "1" : "0");

    public void Put(int value) => Put((long)value);

    public void Put(uint value) => Put((long)value);

    public void Put(long value) => Word(value.ToString(CultureInfo.InvariantCulture));

    public void Put(ulong value) => Word(value.ToString(CultureInfo.InvariantCulture));

    public void Put(nuint value) => Put((ulong)value);

    public void Put(nint value) => Word(((ulong)value).ToString("x", CultureInfo.InvariantCulture));

    public void Put(float value) => Put((long)(value * 2));

    public void Put(double value) => Put((long)(value * 2));

    public void Put(string? value) => Word($"'{value}'");

    public void PutEnum<T>(T value)
        where T : unmanaged, Enum => Put(ProbeEnums.Of(release, typeof(T)).Native(Convert.ToInt32(value, CultureInfo.InvariantCulture)));

    public void PutMask<T>(Mask<T> value)
        where T : unmanaged, Enum => Put((long)value.Aggregate(0u, (bits, one) => bits | (1u << ProbeEnums.Of(release, typeof(T)).Native(Convert.ToInt32(one, CultureInfo.InvariantCulture)))));

    public void Put(Dims value) => Word(value.NbDims < 0 ? "[?]" : $"[{string.Concat(value.ToArray().Select(extent => extent.ToString(CultureInfo.InvariantCulture) + ";"))}]");

    public void Put(Permutation value)
    {
        Open();
        for (int i = 0; i < 8; i++)
        {
            Put(value.Order[i]);
        }

        Close();
    }

    public void Put(Weights value)
    {
        Open();
        PutEnum(value.Type);
        Put(value.Values);
        Put(value.Count);
        Close();
    }

    public void Put(InterfaceInfo value)
    {
        Open();
        Put(value.Kind);
        Put(value.Major);
        Put(value.Minor);
        Close();
    }

    public void Put(PluginFieldCollection? value)
    {
        if (value is null)
        {
            Word("none");
            return;
        }

        Open();
        foreach (PluginField field in value.Fields)
        {
            Put(field.Name);
            Put(field.Data);
            PutEnum(field.Type);
            Put(field.Length);
        }

        Close();
    }

    public void Put(PluginTensorDesc value)
    {
        Open();
        Put(value.Dims);
        PutEnum(value.Type);
        PutEnum(value.Format);
        Put(value.Scale);
        Close();
    }

    public void Put(DynamicPluginTensorDesc value)
    {
        Open();
        Put(value.Desc);
        Put(value.Min);
        Put(value.Max);
        if (!Is8)
        {
            Put(value.Opt);
        }

        Close();
    }

    public void Put(DimsExprs value)
    {
        Open();
        foreach (IDimensionExpr one in value)
        {
            Object(one);
        }

        Close();
    }

    public void Put(TimingCacheKey value)
    {
        Open();
        for (int i = 0; i < 16; i++)
        {
            Put(value.Data[i]);
        }

        Close();
    }

    public void Put(TimingCacheValue value)
    {
        Open();
        Put(value.TacticHash);
        Put(value.TimingMSec);
        Close();
    }

    public void Put(RefitRecord value)
    {
        Open();
        Put(Marshal.PtrToStringUTF8(value.TrtName));
        PutEnum(value.Kind);
        Put(value.OnnxDtype);
        PutEnum(value.TrtDtype);
        Put(value.Count);
        Put(value.NbSources);
        Put(value.SourceOnnxNames);
        Put(value.Epsilon);
        Put(value.FixedData);
        Put(value.FixedDataSize);
        Close();
    }

    public void All<T>(ReadOnlySpan<T> values, Action<T> put)
    {
        Open();
        foreach (T value in values)
        {
            put(value);
        }

        Close();
    }

    public void All<T>(Span<T> values, Action<T> put) => All((ReadOnlySpan<T>)values, put);

    public void All<T>(T[]? values, Action<T> put) => All((ReadOnlySpan<T>)values, put);

    /// <summary>Zeros that the virtual function takes besides, in each release.</summary>
    public void Extra(params ReadOnlySpan<int> counts)
    {
        for (int i = 0; i < counts[release]; i++)
        {
            Word("0");
        }
    }

    /// <param name="narrow">Releases, as bits, where the native integer has 32 bits.</param>
    public T I<T>(int narrow = 0)
        where T : unmanaged, INumber<T>
    {
        int seed = Seed();
        int size = (narrow & (1 << release)) != 0 ? 4 : sizeof(T);
        long value = size switch { 1 => 1 + (seed % 120), 2 => 512 + seed, 4 => 0x02000000 + seed, _ => 0x0432100000000000 + seed };
        if (IsFailing && size > 1 && T.IsNegative(-T.One))
        {
            value = -value;
        }

        Put(value);
        return T.CreateChecked(value);
    }

    public bool B()
    {
        bool value = (((Seed() / 16) + Round + next) & 1) != 0;
        Put(value);
        return value;
    }

    public T F<T>()
        where T : unmanaged, IFloatingPoint<T>
    {
        T value = T.CreateChecked(Seed()) + T.CreateChecked(0.25 * 2);
        Put(double.CreateChecked(value));
        return value;
    }

    public string? S(bool nullable = false)
    {
        string? value = nullable && IsFailing ? null : $"ünïcode {Seed()}";
        Put(value);
        return value;
    }

    public byte[] Utf8() => Encoding.UTF8.GetBytes(S()!);

    public nint A()
    {
        nint value = Handle(0x600000000000);
        Put(value);
        return value;
    }

    public nint Unsized()
    {
        output.Append("u:");
        return A();
    }

    public T E<T>()
        where T : unmanaged, Enum
    {
        IReadOnlyList<(int Managed, int Native)> members = ProbeEnums.Of(release, typeof(T)).Members;
        (int managed, int native) = members.Count == 0 ? default : members[(Round == 1 ? members.Count - 1 : Seed() * 5) % members.Count];
        Put(native);
        return (T)Enum.ToObject(typeof(T), managed);
    }

    public Mask<T> M<T>()
        where T : unmanaged, Enum
    {
        IReadOnlyList<(int Managed, int Native)> members = ProbeEnums.Of(release, typeof(T)).Members;
        Mask<T> value = default;
        uint native = 0;
        for (int i = 0; i < N && members.Count > 0; i++)
        {
            (int managed, int number) = members[Seed() * (i + 1) % members.Count];
            value = value.With((T)Enum.ToObject(typeof(T), managed));
            native |= 1u << number;
        }

        Put(native);
        return value;
    }

    public Dims Dims()
    {
        Dims value = NewDims();
        Put(value);
        return value;
    }

    public Permutation Perm()
    {
        Permutation value = default;
        for (int i = 0; i < 8; i++)
        {
            value.Order[i] = Seed();
        }

        Put(value);
        return value;
    }

    public Weights Weights()
    {
        IReadOnlyList<(int Managed, int Native)> types = ProbeEnums.Of(release, typeof(DataType)).Members;
        Weights value = new((DataType)types[Seed() % types.Count].Managed, Handle(0x610000000000), 0x0500000000 + Seed());
        Put(value);
        return value;
    }

    public InterfaceInfo Info()
    {
        InterfaceInfo value = new($"kind {Seed()}", Seed(), Seed());
        Put(value);
        return value;
    }

    public PluginFieldCollection? Fields(bool nullable)
    {
        PluginFieldCollection? value = nullable && IsFailing ? null : new PluginFieldCollection([.. Enumerable.Range(0, N).Select(_ => new PluginField($"fïeld {Seed()}", Handle(0x620000000000), (PluginFieldType)(Seed() % 8), Seed()))]);
        Put(value);
        return value;
    }

    public PluginTensorDesc Desc()
    {
        PluginTensorDesc value = NewDesc();
        Put(value);
        return value;
    }

    public DynamicPluginTensorDesc Dyn()
    {
        DynamicPluginTensorDesc value = new() { Desc = NewDesc(), Min = NewDims(), Max = NewDims(), Opt = NewDims() };
        Put(value);
        return value;
    }

    public DimsExprs Exprs()
    {
        DimsExprs value = new([.. Enumerable.Range(0, N).Select(_ => NewObject<IDimensionExpr>(native: true))]);
        Put(value);
        return value;
    }

    public TimingCacheKey Key()
    {
        TimingCacheKey value = default;
        for (int i = 0; i < 16; i++)
        {
            value.Data[i] = (byte)(Seed() * 11);
        }

        Put(value);
        return value;
    }

    public TimingCacheValue Timing()
    {
        TimingCacheValue value = new() { TacticHash = 0xEDCB000000000000 + (ulong)Seed(), TimingMSec = Seed() + 0.5f };
        Put(value);
        return value;
    }

    public RefitRecord Refit()
    {
        IReadOnlyList<(int Managed, int Native)> kinds = ProbeEnums.Of(release, typeof(RefitTransformKind)).Members;
        RefitRecord value = new()
        {
            TrtName = Marshal.StringToCoTaskMemUTF8($"wëights {Seed()}"), Kind = (RefitTransformKind)(kinds.Count == 0 ? 0 : kinds[Seed() % kinds.Count].Managed), OnnxDtype = Seed(), TrtDtype = DataType.Int8, Count = 0x0700000000 + Seed(),
            NbSources = Seed(), SourceOnnxNames = Handle(0x630000000000), Epsilon = Seed() + 0.5f, FixedData = Handle(0x640000000000), FixedDataSize = (nuint)Seed(),
        };
        Put(value);
        return value;
    }

    /// <summary>A part of a number of elements.</summary>
    public int Small(int part)
    {
        int value = part == 0 ? 1 : N - 1;
        Put(value);
        return value;
    }

    /// <summary>A number of elements that another method's array has.</summary>
    public T Count<T>()
        where T : unmanaged, INumber<T>
    {
        Put(N);
        return T.CreateChecked(N);
    }

    public Dims CountDims()
    {
        Dims value = new(N);
        Put(value);
        return value;
    }

    public T[] Many<T>(Func<T> make)
    {
        T[] values = new T[N];
        Fill(values, make);
        return values;
    }

    /// <param name="make">Makes an element.</param>
    /// <param name="nullable">Whether there may be no array.</param>
    /// <param name="counted">Whether the number of its elements is told elsewhere, and is not zero.</param>
    public T[]? Answers<T>(Func<T> make, bool nullable, bool counted = false)
    {
        if (!IsFailing || (counted && !nullable))
        {
            return Many(make);
        }

        Word("()");
        return nullable ? null : [];
    }

    public void Fill<T>(Span<T> values, Func<T> make)
    {
        Open();
        foreach (ref T value in values)
        {
            value = make();
        }

        Close();
    }

    private bool Is8 => ProbeTables.Releases[release].Release[0] == '8';

    private int Seed() => (member * 16) + next++ + (Round * 9);

    /// <summary>An address that nobody follows.</summary>
    private nint Handle(long first) => unchecked((nint)(first + (64 * Seed())));

    private void Word(string value) => output.Append(value).Append(',');

    private Dims NewDims()
    {
        if (IsFailing)
        {
            return Interop.Dims.Unknown;
        }

        long[] extents = new long[1 + (Seed() % 8)];
        for (int i = 0; i < extents.Length; i++)
        {
            extents[i] = (Is8 ? 0 : 0x0600000000) + (member * 16) + i + (100 * next);
        }

        return new Dims(extents);
    }

    private PluginTensorDesc NewDesc()
    {
        IReadOnlyList<(int Managed, int Native)> types = ProbeEnums.Of(release, typeof(DataType)).Members;
        IReadOnlyList<(int Managed, int Native)> formats = ProbeEnums.Of(release, typeof(TensorFormat)).Members;
        return new PluginTensorDesc { Dims = NewDims(), Type = (DataType)types[Seed() % types.Count].Managed, Format = (TensorFormat)formats[Seed() % formats.Count].Managed, Scale = Seed() + 0.5f };
    }
}
