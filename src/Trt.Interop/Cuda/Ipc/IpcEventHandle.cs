using System.Runtime.CompilerServices;

namespace Trt.Interop.Cuda;

/// <summary>An event as other processes of the machine find it: see <see cref="CudaEvent.GetIpcHandle"/>.</summary>
/// <remarks>The 64 bytes of the driver's <c>CUipcEventHandle</c>, for any way that processes have to tell each other something. Valid on this machine, as long as what it describes lives.</remarks>
[InlineArray(Size)]
public struct IpcEventHandle : IEquatable<IpcEventHandle>
{
    /// <summary>Its size in bytes.</summary>
    public const int Size = 64;

    private byte first;

    /// <summary>Reads what <see cref="ToArray"/> gave in the other process.</summary>
    /// <param name="bytes">64 bytes.</param>
    /// <exception cref="ArgumentException">Another number of bytes.</exception>
    public IpcEventHandle(ReadOnlySpan<byte> bytes)
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
    public readonly bool Equals(IpcEventHandle other) => ((ReadOnlySpan<byte>)this).SequenceEqual(other);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is IpcEventHandle other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        HashCode hash = new();
        hash.AddBytes(this);
        return hash.ToHashCode();
    }

    /// <summary>Equal bytes.</summary>
    public static bool operator ==(IpcEventHandle left, IpcEventHandle right) => left.Equals(right);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(IpcEventHandle left, IpcEventHandle right) => !left.Equals(right);
}
