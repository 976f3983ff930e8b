using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A block of host memory handed to the user: a plan or a timing cache.</summary>
internal sealed class HostMemory : CpuObject, IHostMemory
{
    private readonly NativeBlob blob;

    public HostMemory(NativeBlob blob) => this.blob = blob;

    public nint Data
    {
        get
        {
            ThrowIfDisposed();
            return blob.Address;
        }
    }

    public nuint Size
    {
        get
        {
            ThrowIfDisposed();
            return (nuint)blob.Length;
        }
    }

    public DataType Type => DataType.Int8;

    protected override void Release() => blob.Dispose();
}
