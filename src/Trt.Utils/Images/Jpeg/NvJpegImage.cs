using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>Where nvJPEG writes a picture: nvjpegImage_t, four addresses and four pitches. Interleaved formats use the first of each.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvJpegImage
{
    public nint Channel0;
    public nint Channel1;
    public nint Channel2;
    public nint Channel3;
    public nuint Pitch0;
    public nuint Pitch1;
    public nuint Pitch2;
    public nuint Pitch3;
}
