using Trt.Utils;

namespace Trt.Lite;

/// <param name="width">The frame's width; 0: the model's.</param>
/// <param name="height">The frame's height; 0: the model's.</param>
/// <param name="fill">The frame's colour.</param>
internal sealed class LetterboxStep(int width, int height, Colour fill) : ImageStep
{
    public override Image Apply(Image image, TensorSize model, ref ImagePlacement placement)
    {
        TensorSize frame = width > 0 ? new TensorSize(width, height) : model.Known("Letterbox");
        double scale = Math.Min((double)frame.Width / image.Width, (double)frame.Height / image.Height);
        int inWidth = Math.Clamp((int)Math.Floor((image.Width * scale) + 0.5), 1, frame.Width);
        int inHeight = Math.Clamp((int)Math.Floor((image.Height * scale) + 0.5), 1, frame.Height);
        int left = (frame.Width - inWidth) / 2;
        int top = (frame.Height - inHeight) / 2;
        placement = placement.Resized(inWidth, inHeight).Moved(frame.Width, frame.Height, left, top);
        Image picture = image.Resize(inWidth, inHeight);
        return inWidth == frame.Width && inHeight == frame.Height ? picture : Frame(picture, frame, left, top);
    }

    private Image Frame(Image picture, TensorSize frame, int left, int top)
    {
        int channels = picture.Channels;
        byte[] canvas = new byte[checked(frame.Width * frame.Height * channels)];
        Fill(canvas, picture.Format);
        int row = picture.Width * channels;
        for (int y = 0; y < picture.Height; y++)
        {
            picture.Data.Slice(y * row, row).CopyTo(canvas.AsSpan((((top + y) * frame.Width) + left) * channels));
        }

        return new Image(frame.Width, frame.Height, picture.Format, canvas);
    }

    private void Fill(byte[] canvas, PixelFormat format)
    {
        if (format == PixelFormat.Grey8)
        {
            canvas.AsSpan().Fill(new Image(1, 1, PixelFormat.Rgb24, [fill.Red, fill.Green, fill.Blue]).ToGrey().Data[0]);
            return;
        }

        ReadOnlySpan<byte> pixel = [fill.Red, fill.Green, fill.Blue, 255];
        int channels = format == PixelFormat.Rgb24 ? 3 : 4;
        for (int at = 0; at < canvas.Length; at += channels)
        {
            pixel[..channels].CopyTo(canvas.AsSpan(at));
        }
    }
}
