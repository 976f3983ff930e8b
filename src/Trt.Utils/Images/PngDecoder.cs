using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>PNG through libspng.</summary>
internal static unsafe class PngDecoder
{
    private const int Rgba8 = 1;
    private const int Rgb8 = 4;
    private const int Grey8 = 64;
    private const int AsStored = 256;
    private const int ApplyTransparency = 1;

    /// <summary>Deflate makes at most 1032 bytes of one.</summary>
    private const long MostInflation = 1032;

    private static readonly Lazy<Functions> Library = new(() => new Functions(NativeCodec.Load("PNG pictures", "libspng0", "libspng", "libspng.so.0", "libspng.so", "libspng.dylib", "spng.dll", "libspng-0.dll")));

    public static Image Decode(ReadOnlySpan<byte> file, string name)
    {
        Functions spng = Library.Value;
        void* context = spng.New(0);
        if (context is null)
        {
            throw new OutOfMemoryException("libspng cannot make a decoder.");
        }

        try
        {
            fixed (byte* start = file)
            {
                return Decode(spng, context, start, file.Length, name);
            }
        }
        finally
        {
            spng.Free(context);
        }
    }

    private static Image Decode(Functions spng, void* context, byte* file, int length, string name)
    {
        Header header;
        Check(spng, spng.SetBuffer(context, file, (nuint)length), name);
        Check(spng, spng.GetHeader(context, &header), name);
        Image.CheckSize(name, header.Width, header.Height);

        Transparency transparency;
        bool transparent = spng.GetTransparency(context, &transparency) == 0;
        (int how, PixelFormat format) = (header.ColourType, transparent) switch
        {
            (0, false) when header.BitDepth == 16 => (AsStored, PixelFormat.Grey16),
            (0, false) => (Grey8, PixelFormat.Grey8),
            (2 or 3, false) => (Rgb8, PixelFormat.Rgb24),
            _ => (Rgba8, PixelFormat.Rgba32),
        };

        long packedBits = (long)header.Width * header.Height * header.BitDepth * header.ColourType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        if (packedBits / 8 > length * MostInflation)
        {
            throw new ImageFormatException(name, $"It claims to be {header.Width}x{header.Height} pixels, more than its {length} bytes can hold.");
        }

        nuint size;
        Check(spng, spng.DecodedSize(context, how, &size), name);
        byte[] pixels = new byte[size];
        fixed (byte* target = pixels)
        {
            Check(spng, spng.Decode(context, target, size, how, transparent ? ApplyTransparency : 0), name);
        }

        return new Image((int)header.Width, (int)header.Height, format, pixels);
    }

    private static void Check(Functions spng, int result, string name)
    {
        if (result != 0)
        {
            throw new ImageFormatException(name, $"The PNG cannot be decoded: {Marshal.PtrToStringUTF8((nint)spng.ErrorText(result))}.");
        }
    }

    /// <summary>struct spng_ihdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public uint Width;
        public uint Height;
        public byte BitDepth;
        public byte ColourType;
        public byte Compression;
        public byte Filter;
        public byte Interlace;
    }

    /// <summary>struct spng_trns.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Transparency
    {
        public fixed ushort Colours[4];
        public uint PaletteEntries;
        public fixed byte PaletteAlpha[256];
    }

    private sealed class Functions(nint library)
    {
        public readonly delegate* unmanaged<int, void*> New = (delegate* unmanaged<int, void*>)NativeLibrary.GetExport(library, "spng_ctx_new");
        public readonly delegate* unmanaged<void*, void> Free = (delegate* unmanaged<void*, void>)NativeLibrary.GetExport(library, "spng_ctx_free");
        public readonly delegate* unmanaged<void*, void*, nuint, int> SetBuffer = (delegate* unmanaged<void*, void*, nuint, int>)NativeLibrary.GetExport(library, "spng_set_png_buffer");
        public readonly delegate* unmanaged<void*, Header*, int> GetHeader = (delegate* unmanaged<void*, Header*, int>)NativeLibrary.GetExport(library, "spng_get_ihdr");
        public readonly delegate* unmanaged<void*, Transparency*, int> GetTransparency = (delegate* unmanaged<void*, Transparency*, int>)NativeLibrary.GetExport(library, "spng_get_trns");
        public readonly delegate* unmanaged<void*, int, nuint*, int> DecodedSize = (delegate* unmanaged<void*, int, nuint*, int>)NativeLibrary.GetExport(library, "spng_decoded_image_size");
        public readonly delegate* unmanaged<void*, void*, nuint, int, int, int> Decode = (delegate* unmanaged<void*, void*, nuint, int, int, int>)NativeLibrary.GetExport(library, "spng_decode_image");
        public readonly delegate* unmanaged<int, byte*> ErrorText = (delegate* unmanaged<int, byte*>)NativeLibrary.GetExport(library, "spng_strerror");
    }
}
