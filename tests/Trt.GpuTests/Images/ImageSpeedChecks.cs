using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>A thousand JPEG files to a normalised half-precision tensor on the GPU, against torchvision and torch on the same files, and against Pillow's pixels.</summary>
internal sealed class ImageSpeedChecks(Checks checks, Device device)
{
    private const int Count = 1000, Side = 224;

    private static readonly ImageTransformOptions Options = new() { Width = Side, Height = Side, Type = DataType.Half, Scaling = PixelScaling.ImageNet };

    private volatile string stage = "making files";

    public void Run()
    {
        using Timer watch = new(_ => checks.Note($"still at: {stage}"), null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
        string folder = Directory.CreateTempSubdirectory("jpegs").FullName;
        try
        {
            Run(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Run(string folder)
    {
        bool areMade = false;
        checks.That($"{Count} JPEG files of 640x480 are made", () =>
        {
            PythonScript.Run("make_jpegs.py", 60, folder, $"{Count}");
            areMade = Directory.GetFiles(folder, "*.jpg").Length == Count;
            return areMade ? null : $"there are {Directory.GetFiles(folder, "*.jpg").Length}";
        });
        if (!areMade)
        {
            return;
        }

        string[] paths = [.. Directory.GetFiles(folder, "*.jpg").Order(StringComparer.Ordinal)];
        ReadOnlyMemory<byte>[] files = [.. paths.Select(path => (ReadOnlyMemory<byte>)File.ReadAllBytes(path))];
        checks.Note($"{files.Sum(file => (long)file.Length) / Count} bytes a file; nvJPEG: {(JpegBatchDecoder.IsNvJpegAvailable(out string reason) ? "found" : reason)}");
        string npz = Path.Combine(folder, "reference.npz"), json = Path.Combine(folder, "torch.json");
        bool isTorchDone = false;
        double torch = 0, torchReading = 0;
        checks.That("torchvision and torch on the same files", () =>
        {
            stage = "torchvision";
            PythonScript.Run("torch_images.py", 60, folder, npz, json);
            (torch, torchReading) = Torch(json);
            isTorchDone = true;
            return null;
        });
        checks.That("images a second from files in memory and from files: at least twice torchvision's", () =>
        {
            (double inMemory, double reading) = Ours(files, paths);
            if (isTorchDone)
            {
                checks.MeasureAtLeast("times as many as torchvision, files read too", reading / torchReading, "x", 2);
                checks.MeasureAtLeast("times as many as torchvision, files in memory", inMemory / torch, "x", 2);
            }

            return null;
        });
        if (isTorchDone)
        {
            checks.That("pixels: resized as Pillow does, decoded nearly as Pillow does", () => Pixels(npz, files));
        }

        checks.That("damaged files are named, the others of the batch decoded", () => Damaged(files));
    }

    private (double InMemory, double Reading) Ours(ReadOnlyMemory<byte>[] files, string[] paths)
    {
        // Few helpers beside the engines, for they share the driver's locks; then the other ways for themselves.
        (JpegDecoderOptions Options, int[] Batches)[] ways =
        [
            (new(), [250, 500, Count]),
            (new() { HardwareBatch = 128 }, [500, Count]),
            (new() { HardwareBatch = 250 }, [500, Count]),
            (new() { HardwareThreads = 2 }, [Count]),
            (new() { Backends = JpegBackends.Hardware | JpegBackends.Cpu, Threads = 4 }, [500, Count]),
            (new() { Backends = JpegBackends.Hardware | JpegBackends.Cpu, Threads = 8 }, [500, Count]),
            (new() { Backends = JpegBackends.Hardware | JpegBackends.Cpu, Threads = 12, HardwareBatch = 128 }, [Count]),
            (new() { Backends = JpegBackends.Hardware | JpegBackends.Hybrid, Threads = 1 }, [Count]),
            (new() { Backends = JpegBackends.Hybrid }, [Count]),
            (new() { Backends = JpegBackends.Cpu }, [Count]),
        ];
        double best = 0, ofAuto = 0;
        JpegDecoderOptions fastest = ways[0].Options;
        int fastestBatch = 250;
        foreach ((JpegDecoderOptions way, int[] batches) in ways)
        {
            foreach (int batch in batches)
            {
                try
                {
                    stage = $"{way}, batches of {batch}";
                    using JpegBatchDecoder decoder = new(device, way);
                    double speed = Speed(decoder, batch, start => files.AsSpan(start, batch));
                    checks.Note(string.Create(CultureInfo.InvariantCulture,
                        $"{way.Backends} ({decoder.Backends}, {decoder.Engines} engines fed by {way.HardwareThreads} x {way.HardwareBatch}, {way.Threads} threads), batches of {batch}: {speed:F0} images/s, {allocated} bytes allocated in the last round"));
                    (best, fastest, fastestBatch) = speed > best ? (speed, way, batch) : (best, fastest, fastestBatch);
                    ofAuto = way.Backends == JpegBackends.Auto ? Math.Max(ofAuto, speed) : ofAuto;
                }
                catch (Exception error) when (way != ways[0].Options)
                {
                    checks.Note($"{way.Backends}: {error.Message}");
                }
            }
        }

        stage = "files read too";
        using JpegBatchDecoder again = new(device, fastest);
        ReadOnlyMemory<byte>[] read = new ReadOnlyMemory<byte>[Count];
        double withFiles = Speed(again, fastestBatch, start =>
        {
            Parallel.For(start, start + fastestBatch, i => read[i] = File.ReadAllBytes(paths[i]));
            return read.AsSpan(start, fastestBatch);
        });
        checks.Measure("files in memory, fastest way", best, "images/s");
        checks.Measure("files in memory, JpegBackends.Auto", ofAuto, "images/s");
        checks.Measure("files read too", withFiles, "images/s");
        return (best, withFiles);
    }

    private long allocated;

    private delegate ReadOnlySpan<ReadOnlyMemory<byte>> Source(int start);

    /// <summary>Images a second of the fastest of four rounds, after one that warms up.</summary>
    private double Speed(JpegBatchDecoder decoder, int batch, Source source)
    {
        using ImageTransform transform = new(Options, device);
        using CudaStream stream = new(device);
        using DeviceMemory<Half> output = new(transform.ElementsPerImage * Count, device);
        DeviceImage[] images = new DeviceImage[batch];
        double best = double.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Count; i += batch)
            {
                if (decoder.Decode(source(i), images, stream) != batch)
                {
                    throw new InvalidOperationException(decoder.Failures[0].Error.Message);
                }

                transform.Enqueue(images, output.Slice(i * transform.ElementsPerImage, batch * transform.ElementsPerImage), stream);
            }

            stream.Synchronize();
            allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            best = round == 0 ? best : Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return Count / best;
    }

    /// <summary>Images a second of its fastest ways from files in memory, and from files.</summary>
    private (double InMemory, double Reading) Torch(string json)
    {
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(json));
        checks.Note($"torch {report.RootElement.GetProperty("torch")}, torchvision {report.RootElement.GetProperty("torchvision")}");
        double most = 0, mostReading = 0;
        foreach (JsonProperty way in report.RootElement.GetProperty("ways").EnumerateObject())
        {
            double speed = way.Value.GetDouble();
            checks.Note(string.Create(CultureInfo.InvariantCulture, $"{way.Name}: {speed:F0} images/s{(report.RootElement.TryGetProperty(way.Name, out JsonElement why) ? $" ({why})" : "")}"));
            if (way.Name.EndsWith("read too", StringComparison.Ordinal))
            {
                mostReading = Math.Max(mostReading, speed);
            }
            else if (!way.Name.EndsWith("alone", StringComparison.Ordinal))
            {
                most = Math.Max(most, speed);
            }
        }

        return (most, mostReading);
    }

    private string? Pixels(string npz, ReadOnlyMemory<byte>[] files)
    {
        stage = "pixels";
        using NpzFile reference = NpzFile.Open(npz);
        ImageTransformOptions bytes = Options with { Type = DataType.UInt8, Scaling = new PixelScaling { Divisor = 1, Layout = TensorLayout.ChannelsLast } };
        using JpegBatchDecoder decoder = new(device);
        using CudaStream stream = new(device);
        DeviceImage[] images = new DeviceImage[8];
        decoder.Decode(files.AsSpan(0, 8), images, stream);
        stream.Synchronize();
        long beyond = 0, values = 0, sum = 0;
        int worst = 0;
        double linear = 0;
        for (int i = 0; i < 8; i++)
        {
            NpzArray decoded = reference[$"{i}/decoded"];
            Image image = new((int)decoded.Shape[1], (int)decoded.Shape[0], PixelFormat.Rgb24, decoded.Bytes.ToArray());
            byte[] resized = ImageKernelChecks.Transform(bytes, device, image), expected = reference[$"{i}/bilinear"].Bytes.ToArray();
            beyond += resized.Zip(expected).Count(pair => Math.Abs(pair.First - pair.Second) > 1);
            byte[] plain = ImageKernelChecks.Transform(bytes with { Filter = ResizeFilter.BilinearNoAntialias }, device, image);
            linear = Math.Max(linear, plain.Zip(reference[$"{i}/linear"].ToArray<float>()).Max(pair => Math.Abs(pair.First - pair.Second)));
            byte[] pixels = DeviceMemory<byte>.FromPointer(images[i].Pointer, images[i].Pitch * images[i].Height, device).ToArray();
            values += resized.Length;
            for (int k = 0; k < pixels.Length; k++)
            {
                int difference = Math.Abs(pixels[k] - image.Data[k]);
                sum += difference;
                worst = Math.Max(worst, difference);
            }
        }

        checks.Measure("values of resized pictures beyond 1/255 of Pillow's", 100.0 * beyond / values, "%", 0.1);
        checks.Measure("bilinear without antialias, furthest from PyTorch's floats", linear, "levels", 1.51);
        checks.Measure("decoded pixels, mean difference to Pillow", (double)sum / (8 * 640 * 480 * 3), "levels", 1.5);
        checks.Measure("decoded pixels, greatest difference to Pillow", worst, "levels");
        return null;
    }

    private string? Damaged(ReadOnlyMemory<byte>[] files)
    {
        stage = "damaged files";
        ReadOnlyMemory<byte>[] batch = files[..16];
        batch[3] = batch[3][..20_000];
        batch[7] = "no picture"u8.ToArray();
        using JpegBatchDecoder decoder = new(device);
        using CudaStream stream = new(device);
        DeviceImage[] images = new DeviceImage[16];
        int decoded = decoder.Decode(batch, images, stream, index => $"{index:0000}.jpg");
        stream.Synchronize();
        foreach (JpegFailure failure in decoder.Failures)
        {
            checks.Note($"says: {failure.Error.Message}");
        }

        return decoded == 14 && decoder.Failures.Select(failure => failure.Index).SequenceEqual([3, 7]) && decoder.Failures.All(failure => failure.Error.Message.Contains($"{failure.Index:0000}.jpg", StringComparison.Ordinal))
            && images[3].IsEmpty && images[7].IsEmpty && images.Count(image => image is { Width: 640, Height: 480 }) == 14 ? null : $"{decoded} were decoded";
    }
}
