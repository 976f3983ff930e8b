using System.Runtime.CompilerServices;

namespace Trt.Interop;

/// <summary>An array of native code whose length the callee knows from elsewhere: a plugin's inputs and outputs.</summary>
/// <typeparam name="T">Element type.</typeparam>
/// <remarks>Valid only inside of the call that gave it. Reading past the plugin's own number of inputs or outputs reads foreign memory.</remarks>
public readonly unsafe ref struct UnsizedArray<T>
    where T : unmanaged
{
    private readonly delegate*<void*, T> read;
    private readonly int stride;

    /// <summary>An array at an address.</summary>
    /// <param name="pointer">The first element.</param>
    public UnsizedArray(void* pointer)
    {
        Pointer = pointer;
        stride = sizeof(T);
    }

    internal UnsizedArray(void* pointer, int stride, delegate*<void*, T> read)
    {
        Pointer = pointer;
        this.stride = stride;
        this.read = read;
    }

    /// <summary>The first element's address.</summary>
    public void* Pointer { get; }

    /// <summary>An element.</summary>
    /// <param name="index">0 to the number of inputs or outputs less one; only negative ones can be refused.</param>
    public T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            byte* element = (byte*)Pointer + ((long)stride * index);
            return read is null ? Unsafe.Read<T>(element) : read(element);
        }
    }
}
