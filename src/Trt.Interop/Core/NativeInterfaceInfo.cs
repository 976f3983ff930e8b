using System.Runtime.InteropServices;

namespace Trt.Interop.Core;

/// <summary>nvinfer1::InterfaceInfo as native code lays it out: 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeInterfaceInfo
{
    public byte* Kind;
    public int Major;
    public int Minor;
}
