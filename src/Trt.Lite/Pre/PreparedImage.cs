using System.Buffers;
using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>A picture of the right size and colour.</summary>
internal sealed class PreparedImage(Image image, PictureTensor tensor, PixelScaling? scaling, InputInfo input) : PreparedInput
{
    private static readonly PixelScaling Pixels = new() { Divisor = 1 };

    public override void Write(Span<byte> target)
    {
        bool isFloating = input.Type is DataType.Float or DataType.Half or DataType.BF16;
        PixelScaling how = scaling ?? (isFloating ? PixelScaling.ZeroToOne : Pixels);
        how = how.Layout == tensor.Layout ? how : how with { Layout = tensor.Layout };
        if (input.Type == DataType.Float)
        {
            image.CopyTo(MemoryMarshal.Cast<byte, float>(target), how);
            return;
        }

        int count = image.Width * image.Height * image.Channels;
        float[] values = ArrayPool<float>.Shared.Rent(count);
        try
        {
            image.CopyTo(values.AsSpan(0, count), how);
            ReadOnlySpan<byte> source = MemoryMarshal.AsBytes(values.AsSpan(0, count));
            long lost = ElementCast.Convert(source, ElementKind.Float, target, Elements.KindOf(input.Type));
            if (lost >= 0 && !isFloating)
            {
                throw new ArgumentException($"Input \"{input.Name}\" takes {Elements.NameOf(Elements.KindOf(input.Type))}, which does not hold the value {ElementCast.Text(source, ElementKind.Float, lost)} of a pixel.");
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(values);
        }
    }
}
