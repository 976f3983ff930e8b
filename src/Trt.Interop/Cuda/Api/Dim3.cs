namespace Trt.Interop.Cuda;

/// <summary>The size of a grid in blocks, or of a block in threads.</summary>
/// <param name="X">Along x; at least 1.</param>
/// <param name="Y">Along y; at least 1.</param>
/// <param name="Z">Along z; at least 1.</param>
public readonly record struct Dim3(uint X, uint Y = 1, uint Z = 1)
{
    /// <summary>A size along x alone.</summary>
    /// <param name="x">Along x; at least 1.</param>
    public static implicit operator Dim3(uint x) => new(x);

    /// <summary>All blocks or threads together.</summary>
    public ulong Count => (ulong)X * Y * Z;
}
