using System.Runtime.CompilerServices;

namespace Trt.Interop.Cuda;

/// <summary>Memory of a shareable pool as other processes of the machine find it: see <see cref="DeviceMemoryPool.ExportPointer"/>.</summary>
/// <remarks>The 64 bytes of the driver's <c>CUmemPoolPtrExportData</c>, for any way that processes have to tell each other something. Valid on this machine, as long as what it describes lives.</remarks>
[InlineArray(Size)]
public struct IpcPoolPointer : IEquatable<IpcPoolPointer>
{
    /// <summary>Its size in bytes.</summary>
    public const int Size = 64;

    private byte first;

    /// <summary>Reads what <see cref="ToArray"/> gave in the other process.</summary>
    /// <param name="bytes">64 bytes.</param>
    /// <exception cref="ArgumentException">Another number of bytes.</exception>
    public IpcPoolPointer(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException($"Such a handle has {Size} bytes, but {bytes.Length} were given.", nameof(bytes));
        }

        bytes.CopyTo(this);
    }

    /// <summary>The bytes, to be sent to the other process.</summary>
    public readonly byte[] ToArray() => ((ReadOnlySpan<byte>)this).ToArray();

    /// <inheritdoc/>
    public readonly bool Equals(IpcPoolPointer other) => ((ReadOnlySpan<byte>)this).SequenceEqual(other);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is IpcPoolPointer other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        HashCode hash = new();
        hash.AddBytes(this);
        return hash.ToHashCode();
    }

    /// <summary>Equal bytes.</summary>
    public static bool operator ==(IpcPoolPointer left, IpcPoolPointer right) => left.Equals(right);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(IpcPoolPointer left, IpcPoolPointer right) => !left.Equals(right);
}
