using System.Runtime.InteropServices;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Utils.Tests.Images;

/// <summary>Batches of JPEG files on the CPU, and through nvJPEG's functions with a stand-in behind them; pixels are those of <see cref="Image.Decode"/>, which has Pillow's as golden.</summary>
public class JpegBatchDecoderTests
{
    [SkippableTheory]
    [InlineData(JpegBackends.Auto)]
    [InlineData(JpegBackends.Hardware)]
    [InlineData(JpegBackends.Gpu)]
    [InlineData(JpegBackends.Hybrid)]
    [InlineData(JpegBackends.Cpu)]
    [InlineData(JpegBackends.Hardware | JpegBackends.Cpu)]
    public void Every_backend_decodes_every_kind_of_file(JpegBackends backends)
    {
        byte[][] kinds = Kinds();
        byte[][] expected = [.. kinds.Select(kind => Image.Decode(kind).ToRgb().Data.ToArray())];
        using JpegBatchDecoder decoder = new(Device.Host, new JpegDecoderOptions { Backends = backends, Threads = 3, HardwareBatch = 16 }, NvJpegStandIn.Functions());
        Assert.Equal(backends == JpegBackends.Auto ? JpegBackends.Hardware : backends, decoder.Backends);
        Assert.Equal(decoder.Backends.HasFlag(JpegBackends.Hardware) ? 7 : 0, decoder.Engines);
        using CudaStream stream = new(Device.Host);
        foreach (int count in (int[])[1, 40, 7, 0, 40])
        {
            ReadOnlyMemory<byte>[] files = [.. Enumerable.Range(0, count).Select(i => (ReadOnlyMemory<byte>)kinds[i % kinds.Length])];
            DeviceImage[] images = new DeviceImage[count];
            Assert.Equal(count, decoder.Decode(files, images, stream));
            Assert.Empty(decoder.Failures);
            stream.Synchronize();
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(expected[i % kinds.Length], Pixels(images[i]));
            }
        }
    }

    [SkippableFact]
    public void Pictures_stay_until_the_second_call_after()
    {
        byte[][] kinds = Kinds();
        using JpegBatchDecoder decoder = new(Device.Host, new JpegDecoderOptions { Backends = JpegBackends.Hybrid, Threads = 2 }, NvJpegStandIn.Functions());
        using CudaStream stream = new(Device.Host);
        DeviceImage[] first = new DeviceImage[1], second = new DeviceImage[1];
        decoder.Decode([kinds[0]], first, stream);
        decoder.Decode([kinds[1]], second, stream);
        stream.Synchronize();
        Assert.Equal(Image.Decode(kinds[0]).ToRgb().Data, Pixels(first[0]));
        Assert.Equal(Image.Decode(kinds[1]).ToRgb().Data, Pixels(second[0]));
    }

    [SkippableTheory]
    [InlineData(JpegBackends.Auto)]
    [InlineData(JpegBackends.Cpu)]
    public void Damaged_files_are_named_and_the_others_decoded(JpegBackends backends)
    {
        byte[] good = Kinds()[0];
        byte[] huge = [.. good];
        int frame = good.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        (huge[frame + 5], huge[frame + 6], huge[frame + 7], huge[frame + 8]) = (0xFF, 0xFF, 0xFF, 0xFF);
        byte[] larger = [.. good];
        (larger[frame + 5], larger[frame + 6]) = (0xFF, 0xFF);
        byte[] flipped = [.. good];
        flipped.AsSpan(20, 60).Fill(0xFF);
        ReadOnlyMemory<byte>[] files = [good, good.AsMemory(0, good.Length / 2), "no picture"u8.ToArray(), Array.Empty<byte>(), good, huge, larger, good.AsMemory(0, 3), flipped, good];
        using JpegBatchDecoder decoder = new(Device.Host, new JpegDecoderOptions { Backends = backends, Threads = 2 }, NvJpegStandIn.Functions());
        using CudaStream stream = new(Device.Host);
        DeviceImage[] images = new DeviceImage[files.Length];
        int decoded = decoder.Decode(files, images, stream, i => $"file{i}.jpg");
        stream.Synchronize();
        Assert.Equal([1, 2, 3, 5, 6, 7, 8], decoder.Failures.Select(failure => failure.Index));
        Assert.Equal(3, decoded);
        Assert.All(decoder.Failures, failure => Assert.StartsWith($"file{failure.Index}.jpg: ", failure.Error.Message, StringComparison.Ordinal));
        Assert.Contains("cut off: its end marker is missing", decoder.Failures[0].Error.Message, StringComparison.Ordinal);
        Assert.Contains("no JPEG", decoder.Failures[1].Error.Message, StringComparison.Ordinal);
        Assert.Contains("empty", decoder.Failures[2].Error.Message, StringComparison.Ordinal);
        Assert.Contains("65535x65535 pixels", decoder.Failures[3].Error.Message, StringComparison.Ordinal);
        Assert.Contains("bytes can hold", decoder.Failures[4].Error.Message, StringComparison.Ordinal);
        foreach (int i in (int[])[0, 4, 9])
        {
            Assert.Equal(Image.Decode(good).ToRgb().Data, Pixels(images[i]));
        }

        Assert.All(decoder.Failures, failure => Assert.True(images[failure.Index].IsEmpty));
    }

    [SkippableFact]
    public void What_nvJPEG_refuses_goes_to_the_CPU()
    {
        byte[] good = Kinds()[0];
        ReadOnlyMemory<byte>[] files = [good, Comment(good, "bad for nvJPEG"), Comment(good, "not for hardware"), good];
        foreach (JpegBackends backends in (JpegBackends[])[JpegBackends.Hardware, JpegBackends.Gpu, JpegBackends.Hybrid])
        {
            using JpegBatchDecoder decoder = new(Device.Host, new JpegDecoderOptions { Backends = backends, Threads = 1 }, NvJpegStandIn.Functions());
            using CudaStream stream = new(Device.Host);
            DeviceImage[] images = new DeviceImage[4];
            Assert.Equal(4, decoder.Decode(files, images, stream));
            stream.Synchronize();
            Assert.All(images, image => Assert.Equal(Image.Decode(good).ToRgb().Data, Pixels(image)));
        }
    }

    [SkippableFact]
    public void Decoded_pictures_go_on_to_a_transform()
    {
        byte[][] kinds = Kinds();
        using JpegBatchDecoder decoder = new(Device.Host, new JpegDecoderOptions { Backends = JpegBackends.Cpu });
        using ImageTransform transform = new(new ImageTransformOptions { Width = 20, Height = 10, Scaling = new PixelScaling { Layout = TensorLayout.ChannelsLast } }, Device.Host);
        using CudaStream stream = new(Device.Host);
        using DeviceMemory<float> output = new(transform.ElementsPerImage * kinds.Length, Device.Host);
        DeviceImage[] images = new DeviceImage[kinds.Length];
        for (int round = 0; round < 3; round++)
        {
            decoder.Decode([.. kinds.Select(kind => (ReadOnlyMemory<byte>)kind)], images, stream);
            transform.Enqueue(images, output, stream);
        }

        stream.Synchronize();
        float[] values = output.ToArray();
        for (int i = 0; i < kinds.Length; i++)
        {
            float[] expected = new float[20 * 10 * 3];
            Image.Decode(kinds[i]).ToRgb().Resize(20, 10).CopyTo(expected, new PixelScaling { Layout = TensorLayout.ChannelsLast });
            Assert.Equal(expected, values[(i * expected.Length)..((i + 1) * expected.Length)]);
        }
    }

    [Fact]
    public void Missing_libraries_and_wrong_use_are_told_in_sentences()
    {
        Assert.Contains("host stand-in", Assert.Throws<DllNotFoundException>(() => new JpegBatchDecoder(Device.Host, new JpegDecoderOptions { Backends = JpegBackends.Hardware })).Message, StringComparison.Ordinal);
        Assert.Contains("nvjpegDecodeBatched", Assert.Throws<NotSupportedException>(() => NvJpegStandIn.Functions("nvjpegDecodeBatched")).Message, StringComparison.Ordinal);
        if (!JpegBatchDecoder.IsNvJpegAvailable(out string reason))
        {
            Assert.Contains("nvjpeg", reason, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("install", reason, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Contains("HardwareBatch 0", Assert.Throws<ArgumentException>(() => new JpegBatchDecoder(Device.Host, new JpegDecoderOptions { HardwareBatch = 0 })).Message, StringComparison.Ordinal);
        using JpegBatchDecoder decoder = new(Device.Host);
        Assert.Equal(JpegBackends.Cpu, decoder.Backends);
        using CudaStream stream = new(Device.Host);
        Assert.Contains("room for 0 pictures", Assert.Throws<ArgumentException>(() => decoder.Decode([new byte[3]], [], stream)).Message, StringComparison.Ordinal);
        decoder.Dispose();
        Assert.Throws<ObjectDisposedException>(() => decoder.Decode([], [], stream));
    }

    private static byte[][] Kinds()
    {
        Skip.IfNot(NativeLibrary.TryLoad("libturbojpeg.so.0", out _), "The system's decoder library is not installed.");
        return [.. ((string[])["baseline.jpg", "progressive.jpg", "grey.jpg"]).Select(name => File.ReadAllBytes(ModelFiles.FindOrSkip(Path.Combine("images", name))))];
    }

    /// <summary>The same picture with a comment in its file.</summary>
    private static byte[] Comment(byte[] file, string text) => [0xFF, 0xD8, 0xFF, 0xFE, 0, (byte)(text.Length + 2), .. System.Text.Encoding.ASCII.GetBytes(text), .. file[2..]];

    private static byte[] Pixels(DeviceImage image) => DeviceMemory<byte>.FromPointer(image.Pointer, image.Pitch * image.Height, Device.Host).ToArray();
}
