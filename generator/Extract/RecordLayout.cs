namespace Trt.Generator.Extract;

/// <summary>Size, alignment and field offsets of a class on one target, in bytes.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="Align">Alignment.</param>
/// <param name="Offsets">Offsets of its own fields in order of declaration.</param>
internal sealed record RecordLayout(int Size, int Align, IReadOnlyList<int> Offsets)
{
    /// <summary>Whether both say the same.</summary>
    public bool Matches(RecordLayout other) => Size == other.Size && Align == other.Align && Offsets.SequenceEqual(other.Offsets);
}
