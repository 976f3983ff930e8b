using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Utils.Tests.Kernels;

/// <summary>Pictures to tensors: the CPU against Pillow and formulas, the kernels (as C++ of the host) against the CPU.</summary>
public class ImageTransformTests
{
    private static readonly Lazy<nint?> Compiled = new(() => HostKernelsApi.Compile("image", "image_weights", "image_transform_8", "image_transform_16", "image_transform_32"));

    private static Device? KernelDevice => Compiled.Value is { } library ? Device.Of(new HostKernelsApi(library))[0] : null;

    [SkippableTheory]
    [InlineData("baseline.jpg")]
    [InlineData("grey.jpg")]
    [InlineData("rgb.png")]
    [InlineData("rgba.png")]
    public void Bytes_are_Pillows(string file)
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("images_golden.npz"));
        NpzArray decoded = golden[$"{file}/decoded"];
        PixelFormat format = decoded.Shape.Length == 2 ? PixelFormat.Grey8 : decoded.Shape[2] == 4 ? PixelFormat.Rgba32 : PixelFormat.Rgb24;
        Image image = new((int)decoded.Shape[1], (int)decoded.Shape[0], format, decoded.Bytes.ToArray());
        PixelScaling bytes = new() { Divisor = 1, Layout = TensorLayout.ChannelsLast };
        ImageTransformOptions options = new() { Width = 224, Height = 224, Scaling = bytes, Type = DataType.UInt8 };
        foreach (Device? device in (Device?[])[Device.Host, KernelDevice])
        {
            if (device is null)
            {
                continue;
            }

            Assert.Equal(golden[$"{file}/bilinear"].Bytes, Run(options, device, image));
            Assert.Equal(golden[$"{file}/nearest"].Bytes, Run(options with { Filter = ResizeFilter.Nearest }, device, image));
            Assert.Equal(golden[$"{file}/letterbox"].Bytes, Run(options with { Fit = ImageFit.Letterbox }, device, image));
        }
    }

    [Fact]
    public void Linear_without_antialias_is_the_formula_within_one_level()
    {
        Random random = new(11);
        foreach ((int width, int height, int toWidth, int toHeight) in (ReadOnlySpan<(int, int, int, int)>)[(64, 48, 24, 24), (9, 7, 31, 20), (1, 1, 5, 3), (200, 3, 17, 9)])
        {
            Image image = Random(random, width, height, PixelFormat.Grey8);
            byte[] actual = image.Resize(toWidth, toHeight, ResizeFilter.BilinearNoAntialias).Data.ToArray();
            for (int y = 0; y < toHeight; y++)
            {
                for (int x = 0; x < toWidth; x++)
                {
                    double atX = Math.Clamp(((x + 0.5) * width / toWidth) - 0.5, 0, width - 1), atY = Math.Clamp(((y + 0.5) * height / toHeight) - 0.5, 0, height - 1);
                    int left = (int)atX, top = (int)atY, right = Math.Min(left + 1, width - 1), bottom = Math.Min(top + 1, height - 1);
                    double upper = image.Data[(top * width) + left] + ((atX - left) * (image.Data[(top * width) + right] - image.Data[(top * width) + left]));
                    double lower = image.Data[(bottom * width) + left] + ((atX - left) * (image.Data[(bottom * width) + right] - image.Data[(bottom * width) + left]));
                    Assert.InRange(actual[(y * toWidth) + x], Math.Floor(upper + ((atY - top) * (lower - upper)) - 0.501), Math.Ceiling(upper + ((atY - top) * (lower - upper)) + 0.501));
                }
            }
        }
    }

    [Fact]
    public void Values_are_scaled_ordered_and_laid_out()
    {
        Image image = new(2, 1, PixelFormat.Rgb24, [10, 20, 30, 40, 50, 60]);
        PixelScaling scaling = new() { Divisor = 2, Mean = [1, 2, 3], Deviation = [4, 5, 6] };
        ImageTransformOptions options = new() { Width = 2, Height = 1, Scaling = scaling };
        float[] expected = [(5f - 1) / 4, (20f - 1) / 4, (10f - 2) / 5, (25f - 2) / 5, (15f - 3) / 6, (30f - 3) / 6];
        Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(Run(options, Device.Host, image)).ToArray());
        Half[] reversed = [(Half)((15f - 1) / 4), (Half)((10f - 2) / 5), (Half)((5f - 3) / 6), (Half)((30f - 1) / 4), (Half)((25f - 2) / 5), (Half)((20f - 3) / 6)];
        ImageTransformOptions last = options with { Type = DataType.Half, Scaling = scaling with { Bgr = true, Layout = TensorLayout.ChannelsLast } };
        Assert.Equal(reversed, MemoryMarshal.Cast<byte, Half>(Run(last, Device.Host, image)).ToArray());
        ImageTransformOptions signed = options with { Type = DataType.Int8, Grey = true, Scaling = new PixelScaling { Divisor = 1, Mean = [40] } };
        Assert.Equal([unchecked((byte)(18 - 40)), 48 - 40], Run(signed, Device.Host, image)); // grey of 10, 20, 30: 2.99 + 11.74 + 3.42 = 18.15
    }

    [Fact]
    public void The_middle_is_cut_out_as_torchvision_does()
    {
        // 6x2, shorter side 2: as it is; the middle two columns begin at round(2).
        Image wide = new(6, 2, PixelFormat.Grey8, [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15]);
        ImageTransformOptions options = new() { Width = 2, Height = 2, Grey = true, Fit = ImageFit.CentreCrop, Type = DataType.UInt8, Scaling = new PixelScaling { Divisor = 1 } };
        Assert.Equal([2, 3, 12, 13], Run(options, Device.Host, wide));

        // 640x480 with a shorter side of 256: 341x256, cut at round(58.5) = 58 and 16.
        Assert.Equal(new ImageWindow(341, 256, -58, -16), ImageWindow.For(options with { Width = 224, Height = 224, ShorterSide = 256 }, 640, 480));
    }

    [SkippableFact]
    public void Kernels_give_the_CPUs_bytes_for_any_sizes_and_options()
    {
        Device? device = KernelDevice;
        Skip.If(device is null, "There is no g++ to compile the kernels for the CPU.");
        Random random = new(5);
        DataType[] types = [DataType.Float, DataType.Half, DataType.BF16, DataType.UInt8, DataType.Int8];
        PixelFormat[] formats = [PixelFormat.Grey8, PixelFormat.Rgb24, PixelFormat.Rgba32];
        for (int round = 0; round < 90; round++)
        {
            ImageTransformOptions options = new()
            {
                Width = random.Next(1, 40),
                Height = random.Next(1, 40),
                Filter = (ResizeFilter)(round % 3),
                Fit = (ImageFit)(round / 3 % 3),
                Grey = random.Next(4) == 0,
                Padding = ((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256)),
                Type = types[random.Next(types.Length)],
                Scaling = new PixelScaling { Divisor = random.Next(2) == 0 ? 255 : 1, Mean = [0.4f], Deviation = [1.7f], Bgr = random.Next(2) == 0, Layout = (TensorLayout)random.Next(2) },
            };
            Image[] images = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Random(random, Side(random), Side(random), formats[random.Next(3)]))];
            images = random.Next(3) == 0 ? [.. images, images[^1]] : images;
            Assert.Equal(Run(options, Device.Host, images), Run(options, device!, images));
        }
    }

    [SkippableFact]
    public void Parts_empty_places_and_pitches_are_taken()
    {
        Device? kernels = KernelDevice;
        Image image = Random(new Random(3), 31, 17, PixelFormat.Rgb24);
        ImageTransformOptions options = new() { Width = 8, Height = 6, Type = DataType.UInt8, Scaling = new PixelScaling { Divisor = 1, Layout = TensorLayout.ChannelsLast }, Padding = (1, 2, 3) };
        byte[] part = new byte[11 * 9 * 3];
        for (int y = 0; y < 9; y++)
        {
            image.Data.Slice((((4 + y) * 31) + 5) * 3, 33).CopyTo(part.AsSpan(y * 33));
        }

        byte[] expected = new Image(11, 9, PixelFormat.Rgb24, part).Resize(8, 6).Data.ToArray();
        foreach (Device? device in (Device?[])[Device.Host, kernels])
        {
            if (device is null)
            {
                continue;
            }

            using DeviceMemory<byte> pixels = new(image.Data.Length, device), output = new(3 * 8 * 6 * 3, device);
            using CudaStream stream = new(device);
            using ImageTransform transform = new(options, device);
            pixels.CopyFrom(image.Data);
            DeviceImage whole = DeviceImage.Of(pixels, 31, 17);
            transform.Enqueue([default, whole.Crop(5, 4, 11, 9), default], output, stream);
            stream.Synchronize();
            byte[] all = output.ToArray();
            Assert.Equal(expected, all[(8 * 6 * 3)..(2 * 8 * 6 * 3)]);
            Assert.All(Enumerable.Range(0, 8 * 6), i => Assert.Equal([1, 2, 3], all[(i * 3)..((i * 3) + 3)]));

            transform.Enqueue([default], output, stream);
            stream.Synchronize();
            Assert.Equal([1, 2, 3], output.ToArray()[..3]);
        }
    }

    [SkippableFact]
    public void Calls_allocate_nothing_once_the_largest_batch_was_seen()
    {
        Device? device = KernelDevice;
        Skip.If(device is null, "There is no g++ to compile the kernels for the CPU.");
        HostKernelsApi api = (HostKernelsApi)device!.Api;
        using DeviceMemory<byte> pixels = new(40 * 30 * 3, device), output = new(2 * 16 * 16 * 3, device);
        using CudaStream stream = new(device);
        using ImageTransform transform = new(new ImageTransformOptions { Width = 16, Height = 16, Type = DataType.UInt8 }, device);
        DeviceImage[] images = [DeviceImage.Of(pixels, 40, 30), DeviceImage.Of(pixels, 30, 40)];
        long free = 0;
        for (int i = 0; i < 20; i++)
        {
            transform.Enqueue(images, output, stream);
            free = i == 3 ? device.Memory.FreeBytes : free;
        }

        stream.Synchronize();
        Assert.Equal(free, device.Memory.FreeBytes);
        Assert.Equal(40, api.Launches);
    }

    [Fact]
    public void Wrong_use_is_refused_with_a_sentence()
    {
        ImageTransformOptions options = new() { Width = 8, Height = 8 };
        Assert.Contains("0x8", Assert.Throws<ArgumentException>(() => new ImageTransform(options with { Width = 0 }, Device.Host)).Message, StringComparison.Ordinal);
        Assert.Contains("Int64", Assert.Throws<ArgumentException>(() => new ImageTransform(options with { Type = DataType.Int64 }, Device.Host)).Message, StringComparison.Ordinal);
        Assert.Contains("ShorterSide is 4", Assert.Throws<ArgumentException>(() => new ImageTransform(options with { ShorterSide = 4, Fit = ImageFit.CentreCrop }, Device.Host)).Message, StringComparison.Ordinal);
        using ImageTransform transform = new(options, Device.Host);
        using DeviceMemory<byte> pixels = new(300, Device.Host);
        using DeviceMemory<float> output = new(8 * 8 * 3, Device.Host);
        using CudaStream stream = new(Device.Host);
        Assert.Contains("300 elements", Assert.Throws<ArgumentException>(() => DeviceImage.Of(pixels, 11, 10)).Message, StringComparison.Ordinal);
        DeviceImage image = DeviceImage.Of(pixels, 10, 10);
        Assert.Contains("of 10x10", Assert.Throws<ArgumentOutOfRangeException>(() => image.Crop(5, 5, 6, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("2 pictures become 1536 bytes", Assert.Throws<ArgumentException>(() => transform.Enqueue([image, image], output, stream)).Message, StringComparison.Ordinal);
        Assert.Contains("Picture 0 has rows 29 bytes apart", Assert.Throws<ArgumentException>(() => transform.Enqueue([image with { Pitch = 29 }], output, stream)).Message, StringComparison.Ordinal);
        Assert.Contains("elements of 4 bytes, but Byte has 1", Assert.Throws<ArgumentException>(() => transform.Enqueue([image], pixels, stream)).Message, StringComparison.Ordinal);
        Assert.Contains("Grey16", Assert.Throws<NotSupportedException>(() => transform.Enqueue([image with { Format = PixelFormat.Grey16 }], output, stream)).Message, StringComparison.Ordinal);
        transform.Dispose();
        Assert.Throws<ObjectDisposedException>(() => transform.Enqueue([image], output, stream));
    }

    private static int Side(Random random) => random.Next(6) switch { 0 => 1, 1 => random.Next(100, 400), _ => random.Next(2, 60) };

    private static Image Random(Random random, int width, int height, PixelFormat format)
    {
        byte[] data = new byte[width * height * (format == PixelFormat.Grey8 ? 1 : format == PixelFormat.Rgb24 ? 3 : 4)];
        random.NextBytes(data);
        return new Image(width, height, format, data);
    }

    private static byte[] Run(ImageTransformOptions options, Device device, params Image[] images)
    {
        using ImageTransform transform = new(options, device);
        using CudaStream stream = new(device);
        using DeviceMemory<byte> pixels = new(images.Sum(image => image.Data.Length), device);
        using DeviceMemory<byte> output = new(transform.ElementsPerImage * images.Length * (options.Type == DataType.Float ? 4 : options.Type is DataType.UInt8 or DataType.Int8 ? 1 : 2), device);
        List<DeviceImage> batch = [];
        long at = 0;
        foreach (Image image in images)
        {
            DeviceMemory<byte> place = pixels.Slice(at, image.Data.Length);
            place.CopyFrom(image.Data);
            batch.Add(DeviceImage.Of(place, image.Width, image.Height, image.Format));
            at += image.Data.Length;
        }

        transform.Enqueue([.. batch], output.Pointer, output.ByteLength, stream);
        stream.Synchronize();
        return output.ToArray();
    }
}
