using Trt.Utils;

namespace Trt.Lite;

/// <param name="left">Left edge; −1: in the middle, upright too.</param>
/// <param name="top">Upper edge.</param>
/// <param name="width">Width of what stays; 0: the model's.</param>
/// <param name="height">Height of what stays; 0: the model's.</param>
internal sealed class CropStep(int left, int top, int width, int height) : ImageStep
{
    /// <summary>Whether it cuts the model's size out of the middle.</summary>
    public bool MakesMiddle(TensorSize model) => left < 0 && (width == 0 || (width == model.Width && height == model.Height));

    /// <summary>The corner of what is cut out of the middle, as torchvision has it: halves to the even side.</summary>
    public static (int X, int Y) Middle(TensorSize picture, TensorSize part) => ((int)Math.Round((picture.Width - part.Width) / 2.0), (int)Math.Round((picture.Height - part.Height) / 2.0));

    public override Image Apply(Image image, TensorSize model, ref ImagePlacement placement)
    {
        TensorSize size = width > 0 ? new TensorSize(width, height) : model.Known("CentreCrop");
        (int x, int y) = left < 0 ? Middle(new TensorSize(image.Width, image.Height), size) : (left, top);
        if (x < 0 || y < 0 || x > image.Width - size.Width || y > image.Height - size.Height)
        {
            string where = left < 0 ? "the middle" : $"{x}, {y}";
            throw new ArgumentException($"{size.Width}x{size.Height} pixels cannot be cut out at {where} of a picture of {image.Width}x{image.Height}: resize it before.");
        }

        int pixel = image.Format == PixelFormat.Grey16 ? 2 : image.Channels;
        byte[] part = new byte[size.Width * size.Height * pixel];
        for (int row = 0; row < size.Height; row++)
        {
            image.Data.Slice((((y + row) * image.Width) + x) * pixel, size.Width * pixel).CopyTo(part.AsSpan(row * size.Width * pixel));
        }

        placement = placement.Moved(size.Width, size.Height, -x, -y);
        return new Image(size.Width, size.Height, image.Format, part);
    }
}
