using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>A decoded picture in memory.</summary>
/// <remarks>Never changed after it is made, so threads may share it.</remarks>
public sealed class Image
{
    /// <summary>The most pixels that a file may claim: Pillow refuses more too, as nobody has such pictures and a small damaged file may claim any size.</summary>
    internal const long MostPixels = 178_956_970;

    private readonly byte[] data;

    /// <summary>Makes a picture of pixels.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="format">What a pixel is.</param>
    /// <param name="data">The pixels, row by row, without gaps; not copied, so it must not be changed afterwards.</param>
    /// <exception cref="ArgumentException">The length of <paramref name="data"/> is not width × height × bytes of a pixel.</exception>
    public Image(int width, int height, PixelFormat format, byte[] data)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(data);
        Width = width;
        Height = height;
        Format = format;
        if (data.Length != (long)width * height * BytesPerPixel)
        {
            throw new ArgumentException($"{width}x{height} pixels of {format} are {(long)width * height * BytesPerPixel} bytes, not {data.Length}.", nameof(data));
        }

        this.data = data;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>What a pixel is.</summary>
    public PixelFormat Format { get; }

    /// <summary>Numbers of a pixel: 1, 3 or 4.</summary>
    public int Channels => Format switch { PixelFormat.Rgb24 => 3, PixelFormat.Rgba32 => 4, _ => 1 };

    /// <summary>The pixels, row by row, without gaps.</summary>
    public ReadOnlySpan<byte> Data => data;

    private int BytesPerPixel => Format == PixelFormat.Grey16 ? 2 : Channels;

    /// <summary>Reads a PNG, JPEG, PGM or PPM file; the content says which it is.</summary>
    /// <param name="path">The file.</param>
    /// <returns>
    /// The picture in the format that is nearest to the file's: grey stays grey, palettes become RGB (RGBA when they have transparency), colours of 16
    /// bits lose the lower eight. Colour profiles, gamma and EXIF's orientation are not applied.
    /// </returns>
    /// <exception cref="ImageFormatException">It is no such picture, damaged, or claims more than 178,956,970 pixels.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="DllNotFoundException">libspng or libturbojpeg is missing on this machine; the message says how to install it.</exception>
    public static Image Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Decode(File.ReadAllBytes(path), path);
    }

    /// <summary>Decodes a PNG, JPEG, PGM or PPM file in memory, as <see cref="Load"/> does.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="ImageFormatException">As for <see cref="Load"/>.</exception>
    /// <exception cref="DllNotFoundException">As for <see cref="Load"/>.</exception>
    public static Image Decode(ReadOnlySpan<byte> file, string name = "image")
    {
        ArgumentNullException.ThrowIfNull(name);
        return file switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => PngDecoder.Decode(file, name),
            [0xFF, 0xD8, 0xFF, ..] => JpegDecoder.Decode(file, name),
            [(byte)'P', (byte)'2' or (byte)'3' or (byte)'5' or (byte)'6', ..] => new PnmDecoder(file, name).Decode(),
            [] => throw new ImageFormatException(name, "The file is empty."),
            _ => throw new ImageFormatException(name, "It is neither a PNG, JPEG, PGM nor PPM file."),
        };
    }

    /// <summary>The picture in RGB: grey is repeated (of 16 bits the upper eight), alpha is dropped, not blended.</summary>
    public Image ToRgb() => Format switch
    {
        PixelFormat.Rgb24 => this,
        PixelFormat.Rgba32 => Convert(PixelFormat.Rgb24, 3, static (from, to) => from[..3].CopyTo(to)),
        PixelFormat.Grey8 => Convert(PixelFormat.Rgb24, 3, static (from, to) => to.Fill(from[0])),
        _ => Convert(PixelFormat.Rgb24, 3, static (from, to) => to.Fill(UpperEight(from))),
    };

    /// <summary>The picture in grey of 8 bits: L = (19595 R + 38470 G + 7471 B + 32768) / 65536, ITU-R 601's weights as Pillow rounds them.</summary>
    public Image ToGrey() => Format switch
    {
        PixelFormat.Grey8 => this,
        PixelFormat.Grey16 => Convert(PixelFormat.Grey8, 1, static (from, to) => to[0] = UpperEight(from)),
        _ => Convert(PixelFormat.Grey8, 1, static (from, to) => to[0] = (byte)(((from[0] * 19595) + (from[1] * 38470) + (from[2] * 7471) + 0x8000) >> 16)),
    };

    /// <summary>Makes a picture of another size.</summary>
    /// <param name="width">New width, at least 1.</param>
    /// <param name="height">New height, at least 1.</param>
    /// <param name="filter">How; the results are Pillow's.</param>
    /// <exception cref="NotSupportedException">The picture is <see cref="PixelFormat.Grey16"/>: make it grey of 8 bits or RGB first.</exception>
    public Image Resize(int width, int height, ResizeFilter filter = ResizeFilter.Bilinear)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (Format == PixelFormat.Grey16)
        {
            throw new NotSupportedException("Pictures of 16 bits are not resized; use ToGrey() or ToRgb() first.");
        }

        return width == Width && height == Height ? this
            : filter == ResizeFilter.Nearest ? NearestResize.Apply(this, width, height)
            : BilinearResize.Apply(this, width, height, filter == ResizeFilter.Bilinear);
    }

    /// <summary>Writes the pixels as numbers of a tensor without batch: value = (pixel / divisor − mean) / deviation, in single precision and this order.</summary>
    /// <param name="destination">Channels × height × width values (or height × width × channels).</param>
    /// <param name="scaling">Divisor, mean, deviation and layout.</param>
    /// <exception cref="ArgumentException">The destination has another length, or mean or deviation another number of channels.</exception>
    /// <exception cref="NotSupportedException">The picture is <see cref="PixelFormat.Grey16"/>.</exception>
    public void CopyTo(Span<float> destination, PixelScaling scaling)
    {
        ArgumentNullException.ThrowIfNull(scaling);
        if (Format == PixelFormat.Grey16)
        {
            throw new NotSupportedException("Pictures of 16 bits are not made tensors; use ToGrey() or ToRgb() first.");
        }

        int pixels = Width * Height;
        int channels = Channels;
        if (destination.Length != (long)pixels * channels)
        {
            throw new ArgumentException($"A picture of {Width}x{Height} pixels with {channels} channels makes {(long)pixels * channels} values, not {destination.Length}.", nameof(destination));
        }

        (int pixelStep, int channelStep) = scaling.Layout == TensorLayout.ChannelsFirst ? (1, pixels) : (channels, 1);
        Span<float> table = stackalloc float[256];
        for (int channel = 0; channel < channels; channel++)
        {
            scaling.FillTable(table, channel, channels);
            int source = scaling.Bgr && channels >= 3 && channel < 3 ? 2 - channel : channel;
            for (int pixel = 0, from = source, to = channel * channelStep; pixel < pixels; pixel++, from += channels, to += pixelStep)
            {
                destination[to] = table[data[from]];
            }
        }
    }

    /// <summary>Writes a PNG, PGM or PPM file; the name's ending says which. The file appears whole or not at all.</summary>
    /// <param name="path">Ends in .png, .pgm (grey) or .ppm (RGB; transparency is dropped).</param>
    /// <param name="palette">
    /// For PNG: red, green and blue of each number of a <see cref="PixelFormat.Grey8"/> picture, at most 256 colours; the file keeps the numbers, as masks of classes do. Empty: grey.
    /// </param>
    /// <exception cref="ArgumentException">The name has another ending, or one that does not suit the picture; or the palette is none.</exception>
    /// <exception cref="IOException">The file cannot be written; the message says what to do.</exception>
    public void Save(string path, ReadOnlySpan<byte> palette = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string ending = System.IO.Path.GetExtension(path).ToLowerInvariant();
        if (!palette.IsEmpty && (ending != ".png" || Format != PixelFormat.Grey8 || palette.Length % 3 != 0 || palette.Length > 3 * 256 || palette.Length <= 3 * data.Max()))
        {
            throw new ArgumentException($"A palette is for .png files of Grey8 pictures, three bytes for each number that is in them, not for {path} of {this} with {palette.Length} bytes.", nameof(palette));
        }

        AtomicFile.Write(path, ending switch
        {
            ".png" => PngEncoder.Encode(this, palette),
            ".pgm" when Channels == 1 => PnmEncoder.Encode(this),
            ".ppm" when Channels > 1 => PnmEncoder.Encode(this),
            ".pgm" or ".ppm" => throw new ArgumentException($"{path}: a picture of {Format} is a .{(Channels == 1 ? "pgm" : "ppm")} file, or a .png file.", nameof(path)),
            _ => throw new ArgumentException($"{path}: pictures are written as .png, .pgm or .ppm.", nameof(path)),
        });
    }

    /// <summary>Size and format.</summary>
    public override string ToString() => $"{Width}x{Height} {Format}";

    internal static void CheckSize(string name, long width, long height)
    {
        if (width < 1 || height < 1 || width > MostPixels || height > MostPixels || width * height > MostPixels)
        {
            throw new ImageFormatException(name, $"It claims to be {width}x{height} pixels; at least 1x1 and at most {MostPixels} pixels can be read.");
        }
    }

    private static byte UpperEight(ReadOnlySpan<byte> pixel) => (byte)(MemoryMarshal.Read<ushort>(pixel) >> 8);

    private Image Convert(PixelFormat format, int bytes, PixelConversion conversion)
    {
        byte[] result = new byte[Width * Height * bytes];
        int size = BytesPerPixel;
        for (int from = 0, to = 0; to < result.Length; from += size, to += bytes)
        {
            conversion(data.AsSpan(from, size), result.AsSpan(to, bytes));
        }

        return new Image(Width, Height, format, result);
    }

    private delegate void PixelConversion(ReadOnlySpan<byte> from, Span<byte> to);
}
