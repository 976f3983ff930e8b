using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>Pictures to tensors by the kernels, against the same on the CPU and against Pillow's results.</summary>
internal sealed class ImageKernelChecks(Checks checks, Files files, Device device)
{
    private static volatile string stage = string.Empty;

    public void Run()
    {
        // What hangs would else leave no word.
        using Timer watch = new(_ => checks.Note($"still at: {stage}"), null, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(8));
        checks.That("32 pictures of 640x480 become 224x224 in half precision, far below a millisecond", Speed);
        foreach (ResizeFilter filter in Enum.GetValues<ResizeFilter>())
        {
            foreach (ImageFit fit in Enum.GetValues<ImageFit>())
            {
                checks.That($"{filter}, {fit}: the GPU gives the CPU's bytes for random sizes, types and layouts", () => Random(filter, fit));
            }
        }

        checks.That("an enlarged pixel, a row of 5,000 and a picture of 12 megapixels give the CPU's bytes", Extremes);
        foreach (string file in (string[])["baseline.jpg", "grey.jpg", "rgb.png", "rgba.png"])
        {
            checks.That($"{file}: the GPU gives Pillow's bytes", () => Golden(file));
        }
    }

    public static byte[] Transform(ImageTransformOptions options, Device device, params Image[] images)
    {
        string what = $"{device}, {options.Filter}, {options.Fit}, {options.Width}x{options.Height} {options.Type} of {string.Join(", ", images.AsEnumerable())}: ";
        stage = what + "making";
        using ImageTransform transform = new(options, device);
        using CudaStream stream = new(device);
        using DeviceMemory<byte> pixels = new(images.Sum(image => (long)image.Data.Length), device);
        using DeviceMemory<byte> output = new(transform.ElementsPerImage * images.Length * Size(options.Type), device);
        DeviceImage[] batch = new DeviceImage[images.Length];
        long at = 0;
        for (int i = 0; i < images.Length; i++)
        {
            DeviceMemory<byte> place = pixels.Slice(at, images[i].Data.Length);
            place.CopyFrom(images[i].Data);
            batch[i] = DeviceImage.Of(place, images[i].Width, images[i].Height, images[i].Format);
            at += images[i].Data.Length;
        }

        output.Fill(0xCC);
        stage = what + "waiting for the uploads";
        device.Synchronize();
        stage = what + "queueing";
        transform.Enqueue(batch, output.Pointer, output.ByteLength, stream);
        stage = what + "waiting for the transform";
        stream.Synchronize();
        stage = what + "reading";
        byte[] result = output.ToArray();
        stage = what + "disposing";
        return result;
    }

    private static int Size(DataType type) => type switch { DataType.Float => 4, DataType.UInt8 or DataType.Int8 => 1, _ => 2 };

    private static Image Picture(Random random, int width, int height, PixelFormat format)
    {
        byte[] data = new byte[width * height * (format == PixelFormat.Grey8 ? 1 : format == PixelFormat.Rgb24 ? 3 : 4)];
        random.NextBytes(data);
        return new Image(width, height, format, data);
    }

    private string? Random(ResizeFilter filter, ImageFit fit)
    {
        Random random = new(((int)filter * 10) + (int)fit);
        DataType[] types = [DataType.Float, DataType.Half, DataType.BF16, DataType.UInt8, DataType.Int8];
        PixelFormat[] formats = [PixelFormat.Grey8, PixelFormat.Rgb24, PixelFormat.Rgba32];
        for (int round = 0; round < 30; round++)
        {
            ImageTransformOptions options = new()
            {
                Width = random.Next(1, 90),
                Height = random.Next(1, 90),
                Filter = filter,
                Fit = fit,
                Grey = random.Next(4) == 0,
                Padding = ((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256)),
                Type = types[round % types.Length],
                Scaling = new PixelScaling { Divisor = random.Next(2) == 0 ? 255 : 1, Mean = [0.4f], Deviation = [1.7f], Bgr = random.Next(2) == 0, Layout = (TensorLayout)random.Next(2) },
            };
            Image[] images = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => Picture(random, Side(random), Side(random), formats[random.Next(3)]))];
            if (Difference(options, images) is { } wrong)
            {
                return $"round {round}, {options}: {wrong}";
            }
        }

        return null;
    }

    private static int Side(Random random) => random.Next(6) switch { 0 => 1, 1 => random.Next(300, 900), _ => random.Next(2, 200) };

    private string? Difference(ImageTransformOptions options, params Image[] images)
    {
        byte[] expected = Transform(options, Device.Host, images), actual = Transform(options, device, images);
        int different = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            different += expected[i] == actual[i] ? 0 : 1;
        }

        return different == 0 ? null : $"{different} of {expected.Length} bytes differ, the first at {expected.AsSpan().CommonPrefixLength(actual)}; pictures {string.Join(", ", images.AsEnumerable())}";
    }

    private string? Extremes()
    {
        Random random = new(1);
        ImageTransformOptions options = new() { Width = 224, Height = 224, Type = DataType.Half };
        return Difference(options, Picture(random, 1, 1, PixelFormat.Rgb24), Picture(random, 5000, 1, PixelFormat.Rgb24), Picture(random, 1, 5000, PixelFormat.Rgb24), Picture(random, 4000, 3000, PixelFormat.Rgb24))
            ?? Difference(options with { Width = 1, Height = 1 }, Picture(random, 640, 480, PixelFormat.Rgb24))
            ?? Difference(options with { Fit = ImageFit.CentreCrop, ShorterSide = 256, Filter = ResizeFilter.Nearest }, Picture(random, 640, 480, PixelFormat.Rgb24));
    }

    private string? Golden(string file)
    {
        using NpzFile golden = NpzFile.Open(files.Find("images_golden.npz"));
        NpzArray decoded = golden[$"{file}/decoded"];
        PixelFormat format = decoded.Shape.Length == 2 ? PixelFormat.Grey8 : decoded.Shape[2] == 4 ? PixelFormat.Rgba32 : PixelFormat.Rgb24;
        Image image = new((int)decoded.Shape[1], (int)decoded.Shape[0], format, decoded.Bytes.ToArray());
        ImageTransformOptions options = new() { Width = 224, Height = 224, Type = DataType.UInt8, Scaling = new PixelScaling { Divisor = 1, Layout = TensorLayout.ChannelsLast } };
        return Same("bilinear", options) ?? Same("nearest", options with { Filter = ResizeFilter.Nearest }) ?? Same("letterbox", options with { Fit = ImageFit.Letterbox });

        string? Same(string name, ImageTransformOptions how) => Transform(how, device, image).AsSpan().SequenceEqual(golden[$"{file}/{name}"].Bytes) ? null : $"{name} differs";
    }

    private string? Speed()
    {
        const int Batch = 32, Calls = 50;
        ImageTransformOptions options = new() { Width = 224, Height = 224, Type = DataType.Half, Scaling = PixelScaling.ImageNet };
        using ImageTransform transform = new(options, device);
        using CudaStream stream = new(device);
        using CudaEvent start = new(device), end = new(device);
        using DeviceMemory<byte> pixels = new(Batch * 640 * 480 * 3, device);
        using DeviceMemory<Half> output = new(transform.ElementsPerImage * Batch, device);
        DeviceImage[] images = [.. Enumerable.Range(0, Batch).Select(i => DeviceImage.Of(pixels.Slice(i * 640L * 480 * 3, 640 * 480 * 3), 640, 480))];
        for (int i = 0; i < 10; i++)
        {
            transform.Enqueue(images, output, stream);
        }

        stream.Synchronize();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        stream.Record(start);
        for (int i = 0; i < Calls; i++)
        {
            transform.Enqueue(images, output, stream);
        }

        stream.Record(end);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        end.Synchronize();
        checks.Measure("a batch", end.MillisecondsSince(start) * 1000 / Calls, "us", 300);
        checks.Measure("allocated in 50 calls", allocated, "B", 0);
        return null;
    }
}
