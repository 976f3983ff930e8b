using System.Runtime.InteropServices;

namespace Trt.Interop.Cuda;

/// <summary>dlpack.h's DLTensor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeDlTensor
{
    internal nint Data;
    internal DlDeviceType DeviceType;
    internal int DeviceId;
    internal int NbDims;
    internal DlDataType Type;
    internal long* Shape;
    internal long* Strides; // in elements; null in old tensors without gaps
    internal ulong ByteOffset;
}

/// <summary>dlpack.h's DLManagedTensor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeDlManagedTensor
{
    internal NativeDlTensor Tensor;
    internal nint Context;
    internal delegate* unmanaged[Cdecl]<NativeDlManagedTensor*, void> Deleter;
}

/// <summary>dlpack.h's DLManagedTensorVersioned.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeDlManagedTensorVersioned
{
    internal const int KnownMajor = 1;
    internal const int KnownMinor = 1;
    internal const ulong ReadOnly = 1;
    internal const ulong PaddedSubByte = 4;

    internal uint Major;
    internal uint Minor;
    internal nint Context;
    internal delegate* unmanaged[Cdecl]<NativeDlManagedTensorVersioned*, void> Deleter;
    internal ulong Flags;
    internal NativeDlTensor Tensor;
}
