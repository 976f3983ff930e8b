using System.Runtime.InteropServices;

namespace Trt.GpuTests;

/// <summary>The functions that the loop in C++ calls.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DoubleBufferDriver
{
    public delegate* unmanaged<nint, nint, nuint, nint, int> CopyToDevice;
    public delegate* unmanaged<nint, nint, nuint, nint, int> CopyToHost;
    public delegate* unmanaged<nint, nint, int> Launch;
    public delegate* unmanaged<nint, nint, int> Record;
    public delegate* unmanaged<nint, int> WaitForEvent;
    public delegate* unmanaged<nint, int> WaitForStream;

    /// <summary>The driver's.</summary>
    /// <exception cref="MissingException">There is none.</exception>
    public static DoubleBufferDriver Of(NativeLoops loops)
    {
        DoubleBufferDriver driver = default;
        return ((delegate* unmanaged<DoubleBufferDriver*, int>)NativeLibrary.GetExport(loops.Module, "double_buffer_driver"))(&driver) != 0
            ? driver
            : throw new MissingException("the loop in C++ found no driver");
    }
}
