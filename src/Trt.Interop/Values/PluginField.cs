using System.Runtime.InteropServices;

namespace Trt.Interop;

/// <summary>A named attribute of a plugin: what a creator asks for, and what a plugin is made from.</summary>
/// <remarks>
/// C++: <c>nvinfer1::PluginField</c>. Values given as an array are held in native memory for as long as the field is referenced; values that
/// a library gave are valid only inside of the call that gave them.
/// </remarks>
public sealed class PluginField
{
    private readonly object? owner;

    /// <summary>A field whose values are at an address that the caller keeps.</summary>
    /// <param name="name">Its name, at most 1023 bytes as UTF-8.</param>
    /// <param name="data">Address of the values; 0 where a creator only names the field.</param>
    /// <param name="type">Type of the values.</param>
    /// <param name="length">Number of values.</param>
    public PluginField(string name, nint data = 0, PluginFieldType type = PluginFieldType.Unknown, int length = 0)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Name = name;
        Data = data;
        Type = type;
        Length = length;
    }

    private PluginField(string name, object owner, nint data, PluginFieldType type, int length)
        : this(name, data, type, length) => this.owner = owner;

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Address of the values, or 0.</summary>
    public nint Data { get; }

    /// <summary>Type of the values.</summary>
    public PluginFieldType Type { get; }

    /// <summary>Number of values.</summary>
    public int Length { get; }

    /// <summary>A field with a copy of these values.</summary>
    /// <typeparam name="T">A type of the size of <paramref name="type"/>'s elements.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="type">Type of the values.</param>
    /// <param name="values">The values.</param>
    public static unsafe PluginField From<T>(string name, PluginFieldType type, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        T[] pinned = GC.AllocateUninitializedArray<T>(values.Length, pinned: true);
        values.CopyTo(pinned);
        return new PluginField(name, pinned, (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned)), type, values.Length);
    }

    /// <summary>The values as a span.</summary>
    /// <typeparam name="T">A type of the size of <see cref="Type"/>'s elements.</typeparam>
    public unsafe ReadOnlySpan<T> AsSpan<T>()
        where T : unmanaged
    {
        GC.KeepAlive(owner);
        return Data == 0 ? default : new ReadOnlySpan<T>((void*)Data, Length);
    }
}
