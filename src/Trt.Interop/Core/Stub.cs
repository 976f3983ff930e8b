using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Trt.Interop.Core;

/// <summary>A native object in front of a managed one: what C++ code is handed when C# implements an interface.</summary>
/// <remarks>
/// An interface is {vtable, handle}. A wrapper is {vtable, implementation, …} followed by its implementations, each {vtable, handle}.
/// One stub serves a managed object for one class of one library; it is counted, and freed when nobody holds it.
/// </remarks>
internal sealed unsafe class Stub
{
    private const int Words = 12;
    private const int FirstImplementation = 4;

    private static readonly ConcurrentDictionary<nint, Stub> All = new();
    private static readonly ConditionalWeakTable<object, List<Stub>> OfTargets = [];

    private readonly GCHandle handle;
    private readonly int classId;
    private readonly ConcurrentDictionary<string, nint> strings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, nint> buffers = new();
    private readonly ConcurrentDictionary<Stub, bool> children = new();
    private readonly ConcurrentDictionary<int, object> answered = new();
    private int holders;

    private Stub(object target, TensorRtLibrary library, int classId)
    {
        Target = target;
        Library = library;
        this.classId = classId;
        handle = GCHandle.Alloc(this);
        nint* words = (nint*)NativeMemory.AllocZeroed(Words, (nuint)sizeof(nint));
        Pointer = words;
        ReadOnlySpan<int> levels = ClassTable.LevelsOf(classId);
        words[0] = library.Vtable(classId);
        if (levels.IsEmpty)
        {
            words[1] = GCHandle.ToIntPtr(handle);
        }

        for (int i = 0; i < levels.Length; i++)
        {
            nint* implementation = words + FirstImplementation + (2 * i);
            words[1 + i] = (nint)implementation;
            implementation[0] = library.Vtable(levels[i]);
            implementation[1] = GCHandle.ToIntPtr(handle);
        }

        All[(nint)Pointer] = this;
    }

    /// <summary>The managed object behind.</summary>
    public object Target { get; }

    /// <summary>The library whose layout the object has.</summary>
    public TensorRtLibrary Library { get; }

    /// <summary>The object's address.</summary>
    public void* Pointer { get; }

    /// <summary>The stub of a managed object, held once more for the caller.</summary>
    public static Stub For(object target, TensorRtLibrary library, int classId)
    {
        List<Stub> stubs = OfTargets.GetOrCreateValue(target);
        lock (stubs)
        {
            foreach (Stub known in stubs)
            {
                if (known.Library == library && known.classId == classId)
                {
                    known.holders++;
                    return known;
                }
            }

            Stub stub = new(target, library, classId) { holders = 1 };
            stubs.Add(stub);
            return stub;
        }
    }

    /// <summary>The stub at an address, or null when the object there is not ours.</summary>
    public static Stub? At(void* address) => All.GetValueOrDefault((nint)address);

    /// <summary>The stub whose function is being called.</summary>
    public static Stub Of(void* self) => Unsafe.As<Stub>(GCHandle.FromIntPtr(((nint*)self)[1]).Target!);

    /// <summary>The wrapper stub whose own virtual function is being called.</summary>
    public static Stub OfWrapper(void* self) => Of(((void**)self)[1]);

    /// <summary>Native code deleted the object.</summary>
    public static void Deleted(void* self)
    {
        try
        {
            Stub? stub = At(self);
            (stub?.Target as IDisposable)?.Dispose();
            stub?.Release();
        }
        catch (Exception exception)
        {
            CallState.Keep(exception);
        }
    }

    public void Acquire()
    {
        List<Stub> stubs = OfTargets.GetOrCreateValue(Target);
        lock (stubs)
        {
            holders++;
        }
    }

    public void Release()
    {
        List<Stub> stubs = OfTargets.GetOrCreateValue(Target);
        lock (stubs)
        {
            if (--holders > 0)
            {
                return;
            }

            stubs.Remove(this);
        }

        Free();
    }

    /// <summary>A string that lives as long as the object.</summary>
    public byte* String(string? value) => value is null
        ? null
        : (byte*)strings.GetOrAdd(value, static text => Marshal.StringToCoTaskMemUTF8(text));

    /// <summary>Copies values into memory that lives until the same member answers again.</summary>
    public T* Buffer<T>(int member, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        // Never empty: a null pointer would read as "no answer".
        void* memory = NativeMemory.Alloc((nuint)Math.Max(values.Length, 1), (nuint)sizeof(T));
        values.CopyTo(new Span<T>(memory, values.Length));
        Replace(member, (nint)memory);
        return (T*)memory;
    }

    /// <summary>nvinfer1::IPluginV2's version answer: TensorRT's version with the kind of plugin in the top byte.</summary>
    public int PluginVersion
    {
        get
        {
            int kind = classId switch
            {
                ClassId.IPluginV2Ext => 1,
                ClassId.IPluginV2IOExt => 2,
                ClassId.IPluginV2DynamicExt => 3,
                _ => 0,
            };
            return (kind << 24) | (Library.VersionNumber & 0xFFFFFF);
        }
    }

    /// <summary>Plugin fields that live until the same member answers again.</summary>
    public NativePluginFieldCollection* Fields(int member, PluginFieldCollection? fields)
    {
        if (fields is null)
        {
            return null;
        }

        NativePluginFieldCollection* native = NativePluginFieldCollection.Allocate(fields);
        Replace(member, (nint)native);
        answered[member] = fields;
        return native;
    }

    /// <summary>The address of an object that a method answers with.</summary>
    /// <param name="value">A managed object, one of this library's, or null.</param>
    /// <param name="classId">The class that is promised.</param>
    /// <param name="owned">True when native code will delete it; else it lives as long as this stub.</param>
    public void* Return(object? value, int classId, bool owned)
    {
        if (value is null)
        {
            return null;
        }

        if (value is NativeObject native && native.Library == Library)
        {
            return native.Address;
        }

        Stub stub = For(value, Library, classId == ClassId.IPluginCapability ? classId : ClassTable.Actual(value, classId));
        if (!owned && !children.TryAdd(stub, true))
        {
            stub.Release();
        }

        return stub.Pointer;
    }

    /// <summary>The managed object behind an argument.</summary>
    /// <param name="address">What native code gave; null gives null.</param>
    /// <param name="classId">The declared class.</param>
    /// <param name="lasting">True when it may be used after this call.</param>
    public T? Argument<T>(void* address, int classId, bool lasting = false)
        where T : class =>
        Library.ObjectAt<T>(address, classId, null, lasting ? ObjectUse.Lasting : ObjectUse.Callback);

    private void Replace(int member, nint memory)
    {
        nint old = 0;
        buffers.AddOrUpdate(member, memory, (_, before) =>
        {
            old = before;
            return memory;
        });
        NativeMemory.Free((void*)old);
    }

    private void Free()
    {
        All.TryRemove((nint)Pointer, out _);
        foreach (Stub child in children.Keys)
        {
            child.Release();
        }

        foreach (nint text in strings.Values)
        {
            Marshal.FreeCoTaskMem(text);
        }

        foreach (nint buffer in buffers.Values)
        {
            NativeMemory.Free((void*)buffer);
        }

        // Another stub may get this address: what was made for this one must not be found there.
        Library.Forget((nint)Pointer);
        NativeMemory.Free(Pointer);
        handle.Free();
    }
}
