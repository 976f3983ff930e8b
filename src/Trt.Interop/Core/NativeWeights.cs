using System.Runtime.InteropServices;

namespace Trt.Interop.Core;

/// <summary>nvinfer1::Weights as native code lays it out: 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeWeights
{
    public int Type;
    public nint Values;
    public long Count;
}
