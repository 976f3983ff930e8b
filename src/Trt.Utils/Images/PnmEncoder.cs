using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Trt.Utils;

/// <summary>Writes portable grey and pixel maps (PGM, PPM) in binary form.</summary>
internal static class PnmEncoder
{
    /// <summary>The file; transparency is dropped.</summary>
    public static byte[] Encode(Image image)
    {
        image = image.Format == PixelFormat.Rgba32 ? image.ToRgb() : image;
        bool deep = image.Format == PixelFormat.Grey16;
        byte[] header = Encoding.ASCII.GetBytes(FormattableString.Invariant($"{(image.Channels == 3 ? "P6" : "P5")}\n{image.Width} {image.Height}\n{(deep ? 65535 : 255)}\n"));
        byte[] file = new byte[header.Length + image.Data.Length];
        header.CopyTo(file, 0);
        image.Data.CopyTo(file.AsSpan(header.Length));
        if (deep && BitConverter.IsLittleEndian)
        {
            Span<ushort> values = MemoryMarshal.Cast<byte, ushort>(file.AsSpan(header.Length));
            BinaryPrimitives.ReverseEndianness(values, values);
        }

        return file;
    }
}
