using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>One picture, as struct Picture of image.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ImageJob
{
    public nint Pixels;
    public long Pitch;
    public int Step;
    public int Colour;
    public int Left;
    public int Top;
    public int Columns;
    public int Rows;
}
