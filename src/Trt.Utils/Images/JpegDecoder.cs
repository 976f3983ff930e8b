using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>JPEG, baseline and progressive, through libjpeg-turbo's TurboJPEG interface.</summary>
internal static unsafe class JpegDecoder
{
    private const int PixelsRgb = 0;
    private const int PixelsGrey = 6;
    private const int ColoursGrey = 2;
    private const int ColoursCmyk = 3;
    private const int ColoursYcck = 4;

    /// <summary>The exact transform, and no more than 500 scans (a small progressive file could else take minutes).</summary>
    private const int Flags = 4096 | 32768;

    private static readonly Lazy<Functions> Library = new(() => new Functions(NativeCodec.Load("JPEG pictures", "libturbojpeg0", "jpeg-turbo", "libturbojpeg.so.0", "libturbojpeg.so", "libturbojpeg.dylib", "turbojpeg.dll", "libturbojpeg.dll")));

    public static Image Decode(ReadOnlySpan<byte> file, string name)
    {
        Functions jpeg = Library.Value;
        void* decoder = jpeg.New();
        if (decoder is null)
        {
            throw new OutOfMemoryException("libturbojpeg cannot make a decoder.");
        }

        try
        {
            fixed (byte* start = file)
            {
                return Decode(jpeg, decoder, start, new CULong((uint)file.Length), name);
            }
        }
        finally
        {
            _ = jpeg.Free(decoder);
        }
    }

    /// <summary>Loads the library now.</summary>
    /// <exception cref="DllNotFoundException">It is not on this machine; the message says how to install it.</exception>
    public static void Load() => _ = Library.Value;

    /// <summary>Decodes a file whose size is known, also a grey one, to RGB.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="width">Pixels in a row, by its header.</param>
    /// <param name="height">Rows, by its header.</param>
    /// <param name="target">Width × height × 3 bytes.</param>
    public static void DecodeRgb(ReadOnlySpan<byte> file, string name, int width, int height, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, (long)width * height * 3);
        Functions jpeg = Library.Value;
        void* decoder = jpeg.New();
        if (decoder is null)
        {
            throw new OutOfMemoryException("libturbojpeg cannot make a decoder.");
        }

        try
        {
            fixed (byte* start = file, pixels = target)
            {
                CULong length = new((uint)file.Length);
                int ownWidth, ownHeight, subsampling, colours;
                Check(jpeg, decoder, jpeg.Header(decoder, start, length, &ownWidth, &ownHeight, &subsampling, &colours), name);
                if (ownWidth != width || ownHeight != height)
                {
                    throw new ImageFormatException(name, $"The JPEG is damaged: it claims to be {width}x{height} and {ownWidth}x{ownHeight} pixels.");
                }

                Check(jpeg, decoder, jpeg.Decompress(decoder, start, length, pixels, width, 0, height, PixelsRgb, Flags), name);
            }
        }
        finally
        {
            _ = jpeg.Free(decoder);
        }
    }

    private static Image Decode(Functions jpeg, void* decoder, byte* file, CULong length, string name)
    {
        int width, height, subsampling, colours;
        Check(jpeg, decoder, jpeg.Header(decoder, file, length, &width, &height, &subsampling, &colours), name);
        Image.CheckSize(name, width, height);
        if (colours is ColoursCmyk or ColoursYcck)
        {
            throw new ImageFormatException(name, "It is a JPEG with the four colours of printing (CMYK); convert it to RGB first.");
        }

        (int how, int channels, PixelFormat format) = colours == ColoursGrey ? (PixelsGrey, 1, PixelFormat.Grey8) : (PixelsRgb, 3, PixelFormat.Rgb24);
        byte[] pixels = new byte[width * height * channels];
        fixed (byte* target = pixels)
        {
            Check(jpeg, decoder, jpeg.Decompress(decoder, file, length, target, width, 0, height, how, Flags), name);
        }

        return new Image(width, height, format, pixels);
    }

    private static void Check(Functions jpeg, void* decoder, int result, string name)
    {
        // Warnings too: a file that is cut off is one, and what it lacks would be grey.
        if (result != 0)
        {
            throw new ImageFormatException(name, $"The JPEG cannot be decoded: {Marshal.PtrToStringUTF8((nint)jpeg.ErrorText(decoder))}.");
        }
    }

    private sealed class Functions(nint library)
    {
        public readonly delegate* unmanaged<void*> New = (delegate* unmanaged<void*>)NativeLibrary.GetExport(library, "tjInitDecompress");
        public readonly delegate* unmanaged<void*, int> Free = (delegate* unmanaged<void*, int>)NativeLibrary.GetExport(library, "tjDestroy");
        public readonly delegate* unmanaged<void*, byte*, CULong, int*, int*, int*, int*, int> Header = (delegate* unmanaged<void*, byte*, CULong, int*, int*, int*, int*, int>)NativeLibrary.GetExport(library, "tjDecompressHeader3");
        public readonly delegate* unmanaged<void*, byte*, CULong, byte*, int, int, int, int, int, int> Decompress = (delegate* unmanaged<void*, byte*, CULong, byte*, int, int, int, int, int, int>)NativeLibrary.GetExport(library, "tjDecompress2");
        public readonly delegate* unmanaged<void*, byte*> ErrorText = (delegate* unmanaged<void*, byte*>)NativeLibrary.GetExport(library, "tjGetErrorStr2");
    }
}
