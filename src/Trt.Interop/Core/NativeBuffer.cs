using System.Runtime.InteropServices;

namespace Trt.Interop.Core;

/// <summary>Native memory for the length of a call.</summary>
internal readonly unsafe ref struct NativeBuffer<T>
    where T : unmanaged
{
    /// <param name="length">Number of elements; with none there is no memory.</param>
    public NativeBuffer(int length) => Pointer = length <= 0 ? null : (T*)NativeMemory.AllocZeroed((nuint)length, (nuint)sizeof(T));

    public T* Pointer { get; }

    public void Dispose() => NativeMemory.Free(Pointer);
}
