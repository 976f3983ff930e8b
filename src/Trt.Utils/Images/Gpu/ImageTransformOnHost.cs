using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary><see cref="ImageTransform"/> on the CPU, by the classes that decode and resize files there.</summary>
internal static unsafe class ImageTransformOnHost
{
    public static void Enqueue(ReadOnlySpan<DeviceImage> images, ImageTransformOptions options, byte[] table, nint output, CudaStream stream)
    {
        for (int i = 0; i < images.Length; i++)
        {
            if (!images[i].IsEmpty)
            {
                images[i].Check(i);
                _ = ImageWindow.For(options, images[i].Width, images[i].Height);
            }
        }

        DeviceImage[] batch = images.ToArray();
        int size = ElementTable.ElementSize(options.Type);
        long bytes = (long)options.Channels * options.Width * options.Height * size;
        stream.Enqueue(() => Parallel.For(0, batch.Length, i =>
        {
            Span<byte> target = new((void*)(output + (nint)(i * bytes)), checked((int)bytes));
            Transform(batch[i], options, table, size, target);
        }));
    }

    private static void Transform(DeviceImage picture, ImageTransformOptions options, ReadOnlySpan<byte> table, int size, Span<byte> target)
    {
        int channels = options.Channels;
        int pixels = options.Width * options.Height;
        (int pixelStep, int channelStep) = options.Scaling.Layout == TensorLayout.ChannelsFirst ? (1, pixels) : (channels, 1);
        ImageWindow window = default;
        Image? image = null;
        if (!picture.IsEmpty)
        {
            image = options.Grey ? Read(picture).ToGrey() : Read(picture).ToRgb();
            window = ImageWindow.For(options, image.Width, image.Height);
            image = image.Resize(window.Width, window.Height, options.Filter);
        }

        for (int channel = 0; channel < channels; channel++)
        {
            int source = options.Scaling.Bgr ? channels - 1 - channel : channel;
            int padding = (256 * channels) + channel;
            for (int y = 0, to = channel * channelStep; y < options.Height; y++)
            {
                int row = y - window.Top;
                for (int x = 0; x < options.Width; x++, to += pixelStep)
                {
                    int column = x - window.Left;
                    bool isInside = image is not null && (uint)row < (uint)window.Height && (uint)column < (uint)window.Width;
                    int entry = isInside ? (256 * channel) + image!.Data[(((row * window.Width) + column) * channels) + source] : padding;
                    table.Slice(entry * size, size).CopyTo(target[(to * size)..]);
                }
            }
        }
    }

    private static Image Read(DeviceImage picture)
    {
        int row = picture.Width * picture.Step;
        byte[] pixels = new byte[checked(row * picture.Height)];
        for (int y = 0; y < picture.Height; y++)
        {
            new ReadOnlySpan<byte>((void*)(picture.Pointer + (nint)(y * picture.Pitch)), row).CopyTo(pixels.AsSpan(y * row));
        }

        return new Image(picture.Width, picture.Height, picture.Format, pixels);
    }
}
