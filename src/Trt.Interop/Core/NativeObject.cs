using System.Diagnostics.CodeAnalysis;

namespace Trt.Interop.Core;

/// <summary>A managed object in front of a native one: pointers, lifetime, and what must stay alive with it.</summary>
/// <remarks>
/// The fields hold the addresses whose vtables are called (the object's own, and a wrapper's implementation pointers at offsets 8, 16 and 24);
/// they are null once the object is unusable. A parent's native object goes when it is disposed and its last child went.
/// </remarks>
internal abstract unsafe class NativeObject : IDisposable
{
    private readonly Lock gate = new();
    private readonly void* address;
    private readonly System.Diagnostics.StackTrace? allocationSite;
    private Dictionary<object, object>? kept;
    private List<NativeObject>? lent;
    private int users;
    private bool disposed;
    private bool deleted;

    protected NativeObject(TensorRtLibrary library, void* self, NativeObject? parent, Ownership ownership, int levels)
    {
        Library = library;
        Table = library.Table;
        address = self;
        Self = self;
        void** words = (void**)self;
        P8 = levels > 0 ? words[1] : null;
        P16 = levels > 1 ? words[2] : null;
        P24 = levels > 2 ? words[3] : null;
        Ownership = ownership;
        Parent = parent;
        if (ownership == Ownership.Owned)
        {
            parent?.AddUser();
            allocationSite = LeakReporter.CaptureSite();
            bool isEngine = this is ICudaEngine;
            Binding = isEngine || (parent?.Binding is null && this is IRuntime or IBuilder) ? DeviceBinding.OfThread(isEngine) : parent?.Binding;
        }
        else
        {
            Binding = parent?.Binding;
            GC.SuppressFinalize(this);
        }
    }

    ~NativeObject()
    {
        if (!disposed && Ownership == Ownership.Owned)
        {
            LeakReporter.Report(GetType().Name, allocationSite);
        }
    }

    internal TensorRtLibrary Library { get; }

    internal Ownership Ownership { get; }

    /// <summary>The device that it works on; null where there is no choice.</summary>
    internal DeviceBinding? Binding { get; }

    internal NativeObject? Parent { get; }

    /// <summary>The object whose end is this one's end: itself when owned, else what lent it.</summary>
    internal NativeObject? Owner => Ownership == Ownership.Owned || Parent is null ? this : Parent;

    /// <summary>True for a runtime that IRuntime.loadRuntime made, and for everything made from it: code of another release is behind.</summary>
    internal bool IsOfLoadedRuntime => (this is IRuntime && Parent is IRuntime) || Parent is { IsOfLoadedRuntime: true };

    /// <summary>The id of the deleting destructor in the slot table, or −1.</summary>
    private protected abstract int DestructorMember { get; }

    private protected ushort* Table;
    private protected void* Self;
    private protected void* P8;
    private protected void* P16;
    private protected void* P24;

    /// <summary>The object's address, for handing it to native code.</summary>
    internal void* Address
    {
        get
        {
            if (Self is null)
            {
                ThrowDisposed();
            }

            return Self;
        }
    }

    /// <summary>Whether the object is still the one at its address: memory of removed tensors is used again.</summary>
    internal bool IsAt(void* where) => Self == where && (P8 is null || P8 == ((void**)where)[1]);

    public void Dispose()
    {
        if (Ownership == Ownership.Borrowed)
        {
            return;
        }

        bool delete;
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
            Forget();
            delete = users == 0;
        }

        GC.SuppressFinalize(this);
        if (delete)
        {
            Delete();
        }
    }

    /// <summary>Keeps something alive as long as the native object, in the place of what was kept under the same key.</summary>
    internal void Keep(object key, object? value)
    {
        object? replaced;
        lock (gate)
        {
            kept ??= [];
            if (kept.Remove(key, out replaced) && replaced is not null && users > 0 && kept.TryAdd(replaced, replaced))
            {
                // What was made from this object has inherited it and may still call it.
                replaced = null;
            }

            if (value is not null)
            {
                kept[key] = value;
                Hold(value);
            }
        }

        Drop(replaced);
    }

    /// <summary>Keeps one more thing alive as long as the native object.</summary>
    internal void KeepToo(object? value)
    {
        if (value is null)
        {
            return;
        }

        lock (gate)
        {
            kept ??= [];
            if (kept.TryAdd(value, value))
            {
                Hold(value);
            }
        }
    }

    /// <summary>Notes an object that becomes unusable with this one.</summary>
    internal void Lend(NativeObject borrowed)
    {
        lock (gate)
        {
            (lent ??= []).Add(borrowed);
        }
    }

    internal void AddUser()
    {
        lock (gate)
        {
            users++;
        }
    }

    internal void RemoveUser()
    {
        bool delete;
        lock (gate)
        {
            users--;
            delete = users == 0 && disposed;
        }

        if (delete)
        {
            Delete();
        }
    }

    /// <summary>Makes a borrowed object unusable: what lent it is gone.</summary>
    internal void Invalidate()
    {
        Library.Forget((nint)address);
        End();
    }

    /// <summary>Makes the argument of a callback, and what it lent, unusable.</summary>
    internal void End()
    {
        Forget();
        foreach (NativeObject borrowed in lent ?? [])
        {
            borrowed.Invalidate();
        }

        lent = null;
    }

    private protected bool HasMember(int member) => Table[member] != SlotTables.Absent;

    [DoesNotReturn]
    private protected void ThrowDisposed() => throw new ObjectDisposedException(
        GetType().Name.Replace("Proxy", string.Empty, StringComparison.Ordinal),
        Ownership == Ownership.Owned
            ? "The object has been disposed."
            : "The object belonged to one that has been disposed.");

    [DoesNotReturn]
    private protected void ThrowAbsent(int member) => throw NotInThisReleaseException.ForMember(Library, member);

    private static void Hold(object value)
    {
        switch (value)
        {
            case NativeObject native when native.Ownership == Ownership.Owned:
                native.AddUser();
                break;
            case Stub stub:
                stub.Acquire();
                break;
        }
    }

    private static void Drop(object? value)
    {
        switch (value)
        {
            case NativeObject native when native.Ownership == Ownership.Owned:
                native.RemoveUser();
                break;
            case Stub stub:
                stub.Release();
                break;
        }
    }

    /// <summary>Clears the functions that getters of stored values have looked up.</summary>
    private protected virtual void ForgetFunctions()
    {
    }

    private void Forget()
    {
        ForgetFunctions();
        Self = null;
        P8 = null;
        P16 = null;
        P24 = null;
    }

    private void Delete()
    {
        if (deleted)
        {
            return;
        }

        deleted = true;
        End();
        Library.Forget((nint)address);
        CallFrame call = CallFrame.Enter(this);
        DeleteNative(address);
        try
        {
            call.Leave(Library, DestructorMember);
        }
        finally
        {
            // Outside of the call: letting go of a parent may delete it, which is a call of its own that may throw.
            if (kept is not null)
            {
                foreach (object value in kept.Values)
                {
                    Drop(value);
                }

                kept = null;
            }

            Parent?.RemoveUser();
        }
    }

    private protected virtual void DeleteNative(void* native)
    {
        ushort slot = Table[DestructorMember];
        if (slot == SlotTables.Absent)
        {
            return;
        }

        void* function = (*(void***)native)[slot & SlotTables.SlotMask];
        if (Library.IsMicrosoftAbi)
        {
            _ = ((delegate* unmanaged[MemberFunction]<void*, int, void*>)function)(native, 1);
        }
        else
        {
            ((delegate* unmanaged[MemberFunction]<void*, void>)function)(native);
        }
    }
}
