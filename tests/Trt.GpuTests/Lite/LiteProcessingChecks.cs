using System.Diagnostics;
using Trt.Lite;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>Pre- and post-processing by kernels against the same on the CPU, through an engine that segments pictures.</summary>
internal sealed class LiteProcessingChecks(Checks checks, Files files, Func<string, Action<EngineOptions>, Engine> open)
{
    private const string Plan = "unet.vc_excl";

    public void Run()
    {
        foreach ((string name, ImagePreprocessor preprocessor) in new[] { ("resized", Pre.Resize()), ("framed", Pre.Letterbox()), ("cut out of the middle", Pre.ResizeShorter(72).CentreCrop(64, 64)) })
        {
            checks.That($"pictures {name} by the kernel become the CPU's tensor bit for bit, and masks the same", () => Compare(preprocessor));
        }

        checks.That("softmax and the greatest scores by kernels are the CPU's", Scores);
        checks.That("a detector's boxes by kernels are the CPU's", Boxes);
        checks.That("a pipeline of pictures of 640x480: masks a second with the work on the CPU and on the GPU", () => Throughput().GetAwaiter().GetResult());
    }

    private string? Compare(ImagePreprocessor preprocessor)
    {
        Image[] pictures = [.. new[] { (640, 480), (64, 64), (33, 200), (71, 70), (500, 90) }.Select((size, i) => Picture(size.Item1, size.Item2, i))];
        using Engine cpu = Open(ProcessingDevice.Cpu, preprocessor, masks: false), gpu = Open(ProcessingDevice.Gpu, preprocessor, masks: false);
        float[][] expected = cpu.Infer<float[][]>(pictures), found = gpu.Infer<float[][]>(pictures);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!expected[i].AsSpan().SequenceEqual(found[i]))
            {
                return $"picture {i}: logits differ from value {expected[i].AsSpan().CommonPrefixLength(found[i])} on";
            }
        }

        using Engine cpuMasks = Open(ProcessingDevice.Cpu, preprocessor, masks: true), gpuMasks = Open(ProcessingDevice.Gpu, preprocessor, masks: true);
        Image[] masks = cpuMasks.Infer<Image[]>(pictures), others = gpuMasks.Infer<Image[]>(pictures);
        int wrong = Enumerable.Range(0, masks.Length).Count(i => !masks[i].Data.SequenceEqual(others[i].Data));
        return wrong == 0 ? null : $"{wrong} of {masks.Length} masks differ";
    }

    private string? Scores()
    {
        Image[] pictures = [.. Enumerable.Range(0, 3).Select(i => Picture(64, 64, i))];
        float[][][] probabilities = [.. Both(Post.SoftmaxAlong(0))];
        for (int i = 0; i < pictures.Length; i++)
        {
            // Each side is within 2e-6 of the true value.
            int at = Array.FindIndex(probabilities[0][i].Zip(probabilities[1][i]).ToArray(), pair => !(Math.Abs(pair.First - pair.Second) <= 4e-6f * pair.First));
            if (at >= 0)
            {
                return $"picture {i}: probability {at} is {probabilities[1][i][at]}, {probabilities[0][i][at]} on the CPU";
            }
        }

        Classification[][][] best = [.. Both(Post.TopK(50))];
        return best[0].Zip(best[1]).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)) ? null : $"the greatest are {best[1][0][0]} …, {best[0][0][0]} … on the CPU";

        IEnumerable<T[]> Both<T>(Postprocessor<T> post)
        {
            foreach (ProcessingDevice device in (ProcessingDevice[])[ProcessingDevice.Cpu, ProcessingDevice.Gpu])
            {
                using Engine engine = open(Plan, o =>
                {
                    o.Processing = device;
                    o.Postprocess(post);
                });
                yield return engine.Infer<T[]>(pictures);
            }
        }
    }

    private string? Boxes()
    {
        const string Detector = "shapes_retinanet.vc_excl";
        string[] outputs = [.. Enumerable.Range(1, 5).Select(level => $"score_{level}"), .. Enumerable.Range(1, 5).Select(level => $"box_{level}")];
        DetectedBox[] expected = [];
        foreach (ProcessingDevice device in (ProcessingDevice[])[ProcessingDevice.Cpu, ProcessingDevice.Gpu])
        {
            using Engine engine = open(Detector, o =>
            {
                o.Processing = device;
                o.Postprocess("boxes", outputs, Post.AnchorBoxes());
            });
            float[] picture = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(files.Inputs(Detector, 0)[engine.Inputs[0].Name].Bytes.AsSpan()).ToArray();
            DetectedBox[] found = [];
            double best = double.MaxValue;
            for (int call = 0; call < 30; call++)
            {
                long start = Stopwatch.GetTimestamp();
                found = engine.Infer<DetectedBox[]>(picture);
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }

            checks.Measure($"a call with boxes, {device}", best, "us");
            checks.Note(string.Join("; ", found.Take(4)));
            if (device == ProcessingDevice.Cpu)
            {
                expected = found;
            }
            else if (found.Length != expected.Length || found.Zip(expected).Any(pair => pair.First.Class != pair.Second.Class || pair.First.Score != pair.Second.Score
                || new[] { pair.First.Left - pair.Second.Left, pair.First.Top - pair.Second.Top, pair.First.Right - pair.Second.Right, pair.First.Bottom - pair.Second.Bottom }.Any(difference => !(Math.Abs(difference) < 1e-2f))))
            {
                return $"{found.Length} boxes, {expected.Length} on the CPU: {string.Join("; ", found.Except(expected).Take(3))}";
            }
        }

        return expected.Length > 0 ? null : "there are no boxes";
    }

    private async Task<string?> Throughput()
    {
        Image[] pictures = [.. Enumerable.Range(0, 32).Select(i => Picture(640, 480, i))];
        byte[][] first = [];
        foreach (ProcessingDevice device in (ProcessingDevice[])[ProcessingDevice.Cpu, ProcessingDevice.Gpu])
        {
            await using Engine engine = Open(device, Pre.Resize(), masks: true);
            byte[][] masks = new byte[320][];
            double best = 0;
            for (int round = 0; round < 3; round++)
            {
                long start = Stopwatch.GetTimestamp();
                await foreach (SampleResult<Image> result in engine.PipelineAsync<Image, Image>(Enumerable.Range(0, masks.Length).Select(i => pictures[i % pictures.Length])).ConfigureAwait(false))
                {
                    masks[result.Index] = result.Value.Data.ToArray();
                }

                best = Math.Max(best, masks.Length / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            checks.Measure($"masks a second, {device}", best, "1/s");
            first = first.Length == 0 ? masks : first;
            if (Enumerable.Range(0, masks.Length).Any(i => !masks[i].AsSpan().SequenceEqual(first[i])))
            {
                return "masks differ";
            }
        }

        return null;
    }

    private Engine Open(ProcessingDevice device, ImagePreprocessor preprocessor, bool masks) => open(Plan, o =>
    {
        o.Processing = device;
        o.Preprocess(preprocessor);
        if (masks)
        {
            o.Postprocess(Post.Mask());
        }
    });

    private static Image Picture(int width, int height, int seed)
    {
        byte[] pixels = new byte[width * height * 3];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int x, int y, int channel) = (i / 3 % width, i / 3 / width, i % 3);
            pixels[i] = (byte)((x * (3 + seed)) + (y * y / 7) + (channel * 50) + (x * y / (5 + seed)));
        }

        return new Image(width, height, PixelFormat.Rgb24, pixels);
    }
}
