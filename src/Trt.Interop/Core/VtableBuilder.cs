using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Trt.Interop.Core;

/// <summary>Lays out the vtable of a native object that managed code implements, as a release's C++ compiler would.</summary>
internal readonly unsafe ref struct VtableBuilder
{
    // Behind the last slot that a header names a library may have private ones: they answer 0.
    private const int Slots = 160;
    private const int WordsBefore = 2;

    private readonly void** slots;
    private readonly TensorRtLibrary library;

    public VtableBuilder(TensorRtLibrary library)
    {
        this.library = library;
        void** memory = (void**)NativeMemory.AllocZeroed((Slots + WordsBefore) * (nuint)sizeof(void*));
        slots = memory + WordsBefore;
        for (int i = 0; i < Slots; i++)
        {
            slots[i] = (delegate* unmanaged[MemberFunction]<void*, nint>)&Unnamed;
        }
    }

    public void** Result => slots;

    /// <summary>Puts a member's function in its slot: the one of the variant that the release has.</summary>
    public void Set(int member, void* variant0, void* variant1 = null, void* variant2 = null, void* variant3 = null)
    {
        ushort entry = library.Table[member];
        if (entry == SlotTables.Absent)
        {
            return;
        }

        slots[entry & SlotTables.SlotMask] = ((entry >> SlotTables.VariantShift) & SlotTables.VariantMask) switch
        {
            0 => variant0,
            1 => variant1,
            2 => variant2,
            _ => variant3,
        };
    }

    /// <summary>Puts the destructors of an object that is deleted through this vtable.</summary>
    public void SetDestructor(int member)
    {
        ushort entry = library.Table[member];
        if (entry == SlotTables.Absent)
        {
            return;
        }

        int slot = entry & SlotTables.SlotMask;
        if (library.IsMicrosoftAbi)
        {
            slots[slot] = (delegate* unmanaged[MemberFunction]<void*, int, void*>)&DeleteMicrosoft;
        }
        else
        {
            slots[slot] = (delegate* unmanaged[MemberFunction]<void*, void>)&DeleteItanium;
            slots[slot - 1] = (delegate* unmanaged[MemberFunction]<void*, void>)&Complete;
        }
    }

    /// <summary>Puts the virtual function by which some releases delete the object.</summary>
    public void SetDestroy(int member)
    {
        ushort entry = library.Table[member];
        if (entry != SlotTables.Absent)
        {
            slots[entry & SlotTables.SlotMask] = (delegate* unmanaged[MemberFunction]<void*, void>)&DeleteItanium;
        }
    }

    /// <summary>Puts the way from an implementation back to its wrapper, a private method of some releases.</summary>
    public void SetWrapperGetter() => slots[library.IsMicrosoftAbi ? 1 : 2] = (delegate* unmanaged[MemberFunction]<void*, void*>)&Wrapper;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvMemberFunction)])]
    private static nint Unnamed(void* self) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvMemberFunction)])]
    private static void* Wrapper(void* self) => Stub.Of(self).Pointer;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvMemberFunction)])]
    private static void Complete(void* self)
    {
        // Only a derived C++ class would call it, and nothing derives from ours.
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvMemberFunction)])]
    private static void DeleteItanium(void* self) => Stub.Deleted(self);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvMemberFunction)])]
    private static void* DeleteMicrosoft(void* self, int flags)
    {
        if ((flags & 1) != 0)
        {
            Stub.Deleted(self);
        }

        return self;
    }
}
