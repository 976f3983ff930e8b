using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Trt.Interop.Core;

/// <summary>nvinfer1::DimsExprs as native code lays it out: 72 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeDimsExprs
{
    public int NbDims;
    public Expressions D;

    [InlineArray(Dims.MaxDims)]
    internal struct Expressions
    {
        private nint first;
    }
}
