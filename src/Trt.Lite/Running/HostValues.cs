namespace Trt.Lite;

/// <summary>The caller's numbers for a tensor, or room for them, kept in place during a call.</summary>
/// <param name="pointer">The first.</param>
/// <param name="length">How many.</param>
/// <param name="kind">What they are.</param>
internal readonly unsafe struct HostValues(void* pointer, int length, ElementKind kind)
{
    public int Length => length;

    public ElementKind Kind => kind;

    /// <summary>The bytes of some of them.</summary>
    public Span<byte> Bytes(long start, long count) => new((byte*)pointer + (start * Elements.Size(kind)), checked((int)(count * Elements.Size(kind))));
}
