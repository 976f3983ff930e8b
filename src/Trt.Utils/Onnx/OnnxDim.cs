using System.Globalization;

namespace Trt.Utils;

/// <summary>One extent of a tensor in an ONNX model: a number, or a symbol that stands for the same number wherever it occurs, or not known at all.</summary>
public readonly record struct OnnxDim
{
    private readonly long stored; // the value + 1, so that the default is "not known"
    private readonly string? symbol;

    /// <summary>A known extent.</summary>
    /// <param name="value">0 or more; −1 for one that is not known.</param>
    public OnnxDim(long value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, -1);
        stored = value + 1;
    }

    /// <summary>An extent that has a name.</summary>
    /// <param name="symbol">The name; empty for an extent that is not known.</param>
    public OnnxDim(string symbol)
    {
        ArgumentNullException.ThrowIfNull(symbol);
        this.symbol = symbol.Length == 0 ? null : symbol;
    }

    /// <summary>The extent, or −1.</summary>
    public long Value => stored - 1;

    /// <summary>The symbol; empty where there is none.</summary>
    public string Symbol => symbol ?? string.Empty;

    /// <summary>Whether the extent is a number.</summary>
    public bool IsKnown => stored > 0;

    /// <summary>A known extent, or −1.</summary>
    /// <param name="value">The extent.</param>
    public static implicit operator OnnxDim(long value) => new(value);

    /// <summary>An extent that has a name.</summary>
    /// <param name="symbol">The name.</param>
    public static implicit operator OnnxDim(string symbol) => new(symbol);

    /// <summary>A known extent, or −1.</summary>
    /// <param name="value">The extent.</param>
    public static OnnxDim FromInt64(long value) => new(value);

    /// <summary>An extent that has a name.</summary>
    /// <param name="symbol">The name.</param>
    public static OnnxDim FromString(string symbol) => new(symbol);

    /// <summary>Whether it is certain that two extents are the same number.</summary>
    /// <param name="other">The other one.</param>
    public bool IsSameAs(OnnxDim other) => IsKnown ? other.stored == stored : symbol is not null && symbol == other.symbol;

    /// <summary>The number, the symbol, or a question mark.</summary>
    public override string ToString() => IsKnown ? Value.ToString(CultureInfo.InvariantCulture) : symbol ?? "?";
}
