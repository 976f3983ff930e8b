using Trt.Interop;

namespace Trt.Utils;

/// <summary>What an input or output may look like in memory.</summary>
public sealed record IOFormat
{
    /// <summary>A type and layouts.</summary>
    /// <param name="type">Element type; null keeps the network's.</param>
    /// <param name="formats">Allowed layouts; none allows what the library allows by itself.</param>
    public IOFormat(DataType? type, params IReadOnlyList<TensorFormat> formats)
    {
        ArgumentNullException.ThrowIfNull(formats);
        Type = type;
        Formats = formats;
    }

    /// <summary>Element type; null keeps the network's. Only a weakly typed network's can be changed.</summary>
    public DataType? Type { get; }

    /// <summary>Allowed layouts; none allows what the library allows by itself.</summary>
    public IReadOnlyList<TensorFormat> Formats { get; }

    /// <summary>As in <c>Half:CHW4+Linear</c>.</summary>
    public override string ToString() => $"{(Type is { } type ? type.ToString() : "any type")}:{(Formats.Count > 0 ? string.Join('+', Formats) : "any format")}";
}
