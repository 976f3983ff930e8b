using Trt.Utils;

namespace Trt.Lite;

/// <param name="left">Left edge; −1: in the middle, upright too.</param>
/// <param name="top">Upper edge.</param>
/// <param name="width">Width of what stays; 0: the model's.</param>
/// <param name="height">Height of what stays; 0: the model's.</param>
internal sealed class CropStep(int left, int top, int width, int height) : ImageStep
{
    public override Image Apply(Image image, TensorSize model, ref ImagePlacement placement)
    {
        TensorSize size = width > 0 ? new TensorSize(width, height) : model.Known("CentreCrop");

        // In the middle as torchvision has it: halves to the even side.
        int x = left < 0 ? (int)Math.Round((image.Width - size.Width) / 2.0) : left;
        int y = left < 0 ? (int)Math.Round((image.Height - size.Height) / 2.0) : top;
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
