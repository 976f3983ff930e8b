using Trt.Utils;

namespace Trt.Lite;

/// <param name="width">The frame's width; 0: the model's.</param>
/// <param name="height">The frame's height; 0: the model's.</param>
/// <param name="fill">The frame's colour.</param>
internal sealed class LetterboxStep(int width, int height, Colour fill) : ImageStep
{
    public Colour Fill => fill;

    /// <summary>Whether its frame is of the model's size.</summary>
    public bool Makes(TensorSize model) => width == 0 || (width == model.Width && height == model.Height);

    /// <summary>Where a picture goes in a frame.</summary>
    public static ImagePlacement Place(ImagePlacement placement, TensorSize frame)
    {
        (int inWidth, int inHeight, int left, int top) = Fit(placement.TensorWidth, placement.TensorHeight, frame);
        return placement.Resized(inWidth, inHeight).Moved(frame.Width, frame.Height, left, top);
    }

    public override Image Apply(Image image, TensorSize model, ref ImagePlacement placement)
    {
        TensorSize frame = width > 0 ? new TensorSize(width, height) : model.Known("Letterbox");
        (int inWidth, int inHeight, int left, int top) = Fit(image.Width, image.Height, frame);
        placement = Place(placement, frame);
        Image picture = image.Resize(inWidth, inHeight);
        return inWidth == frame.Width && inHeight == frame.Height ? picture : Frame(picture, frame, left, top);
    }

    private static (int Width, int Height, int Left, int Top) Fit(int width, int height, TensorSize frame)
    {
        double scale = Math.Min((double)frame.Width / width, (double)frame.Height / height);
        int inWidth = Math.Clamp((int)Math.Floor((width * scale) + 0.5), 1, frame.Width);
        int inHeight = Math.Clamp((int)Math.Floor((height * scale) + 0.5), 1, frame.Height);
        return (inWidth, inHeight, (frame.Width - inWidth) / 2, (frame.Height - inHeight) / 2);
    }

    private Image Frame(Image picture, TensorSize frame, int left, int top)
    {
        int channels = picture.Channels;
        byte[] canvas = new byte[checked(frame.Width * frame.Height * channels)];
        FillCanvas(canvas, picture.Format);
        int row = picture.Width * channels;
        for (int y = 0; y < picture.Height; y++)
        {
            picture.Data.Slice(y * row, row).CopyTo(canvas.AsSpan((((top + y) * frame.Width) + left) * channels));
        }

        return new Image(frame.Width, frame.Height, picture.Format, canvas);
    }

    private void FillCanvas(byte[] canvas, PixelFormat format)
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
