using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Trt.Interop.Core;

namespace Trt.Interop;

/// <content>What generated code needs of a library whose objects are native.</content>
public abstract unsafe partial class TensorRtLibrary
{
    private readonly ConcurrentDictionary<nint, WeakReference<NativeObject>> objects = new();
    private readonly ConcurrentDictionary<int, nint> vtables = new();
    private readonly Lock objectGate = new();
    private EnumMap?[] enumMaps = [];

    /// <summary>Slot and variant of every member; null for a managed implementation.</summary>
    internal ushort* Table { get; private set; }

    /// <summary>True when the library's vtables are laid out as MSVC does.</summary>
    internal bool IsMicrosoftAbi { get; private set; }

    /// <summary>True when managed objects must be reached through both layers although they could be called directly.</summary>
    internal bool KeepsBothLayers { get; private protected init; }

    /// <summary>The number that the library's headers call NV_TENSORRT_VERSION.</summary>
    internal int VersionNumber { get; private protected init; }

    /// <summary>The enumeration's numbers in this release.</summary>
    internal EnumMap Enum(int enumeration) => enumMaps[enumeration]!;

    /// <summary>The vtable that a managed implementation of a class gets for this library.</summary>
    internal nint Vtable(int classId) => vtables.GetOrAdd(classId, static (id, library) =>
    {
        VtableBuilder builder = new(library);
        ClassTable.Fill(id, ref builder);
        return (nint)builder.Result;
    }, this);

    /// <summary>The managed object for an address that native code gave.</summary>
    /// <param name="address">Null, or a number that is no address, gives null.</param>
    /// <param name="classId">The declared class; the real one is found out where classes are derived from it.</param>
    /// <param name="from">The object that was asked, or null.</param>
    /// <param name="use">Who owns it and how long it lives.</param>
    internal T? ObjectAt<T>(void* address, int classId, NativeObject? from, ObjectUse use)
        where T : class
    {
        if ((nuint)address < 4096)
        {
            return null;
        }

        // Never through two layers, unless that is wanted: then only what an implementation must see as its own is unwrapped,
        // and the callbacks that a user gets back. Capabilities of plugins only libraries ask for.
        if (Stub.At(address) is Stub stub && (!KeepsBothLayers || (use is ObjectUse.Callback or ObjectUse.Lasting ? !ClassTable.IsCallback(classId) : use == ObjectUse.Borrowed && ClassTable.IsCallback(classId) && classId != ClassId.IPluginCapability)))
        {
            return (T)ICallbackWrapper.Unwrap(stub.Target);
        }

        if (use == ObjectUse.Callback)
        {
            NativeObject scoped = ClassTable.CreateProxy(ClassResolver.Resolve(this, address, classId), this, address, null, Ownership.Borrowed);
            CallState.Current.AddScoped(scoped);
            return (T)(object)scoped;
        }

        lock (objectGate)
        {
            if (objects.TryGetValue((nint)address, out WeakReference<NativeObject>? known) && known.TryGetTarget(out NativeObject? found) && found is T typed && found.IsAt(address))
            {
                return typed;
            }

            Ownership ownership = use == ObjectUse.Owned ? Ownership.Owned : Ownership.Borrowed;
            NativeObject? parent = ownership == Ownership.Owned ? from : from?.Owner;
            NativeObject made = ClassTable.CreateProxy(ClassResolver.Resolve(this, address, classId), this, address, parent, ownership);
            objects[(nint)address] = new WeakReference<NativeObject>(made);
            if (ownership == Ownership.Borrowed)
            {
                parent?.Lend(made);
            }

            return (T)(object)made;
        }
    }

    /// <summary>Whether a managed object may be handed to native code: callbacks always, what the library makes itself only where it asks.</summary>
    internal virtual bool TakesManaged(object value, int classId) => ClassTable.IsCallback(classId);

    internal void Forget(nint address) => objects.TryRemove(address, out _);

    /// <summary>Fills the tables for a release.</summary>
    /// <param name="release">Index into the known releases.</param>
    /// <param name="microsoft">Whether the slots are MSVC's.</param>
    /// <param name="plainCalls">Whether calls that skip the transition to native code must not: user code may be behind.</param>
    private protected void UseTables(int release, bool microsoft, bool plainCalls)
    {
        ushort* table = (ushort*)NativeMemory.Alloc((nuint)Members.Count, sizeof(ushort));
        SlotTables.Read(release, microsoft, new Span<ushort>(table, Members.Count));
        if (plainCalls)
        {
            foreach (ushort member in Members.Trivial)
            {
                if (table[member] != SlotTables.Absent)
                {
                    table[member] |= SlotTables.PlainCall;
                }
            }
        }

        IsMicrosoftAbi = microsoft;
        enumMaps = EnumTables.Read(release);
        Table = table;
    }
}
