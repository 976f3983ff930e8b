using System.Runtime.InteropServices;
using Xunit;

namespace Trt.Utils.Tests.Images;

/// <summary>Decoding and resizing against what Pillow made of the same files.</summary>
public class PillowTests
{
    public static TheoryData<string> Pictures => ["baseline.jpg", "progressive.jpg", "grey.jpg", "rgb.png", "rgba.png", "grey16.png"];

    [SkippableTheory]
    [MemberData(nameof(Pictures))]
    public void Decoded_pixels_are_Pillows(string file)
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("images_golden.npz"));
        NpzArray expected = golden[$"{file}/decoded"];
        Image image = Load(file);

        long[] shape = image.Channels == 1 ? [image.Height, image.Width] : [image.Height, image.Width, image.Channels];
        Assert.Equal(shape, expected.Shape);
        Assert.Equal(expected.DType == NpzDType.UInt16, image.Format == PixelFormat.Grey16);
        Assert.Equal(expected.Bytes, image.Data);
    }

    [SkippableTheory]
    [MemberData(nameof(Pictures))]
    public void Resized_pictures_are_Pillows_to_the_bit(string file)
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("images_golden.npz"));
        Image image = Load(file).ToRgb();
        Assert.Equal(golden[$"{file}/bilinear"].Bytes, image.Resize(224, 224).Data);
        Assert.Equal(golden[$"{file}/nearest"].Bytes, image.Resize(224, 224, ResizeFilter.Nearest).Data);
    }

    [SkippableTheory]
    [MemberData(nameof(Pictures))]
    public void Resizing_to_a_size_that_keeps_the_aspect_is_Pillows_too(string file)
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("images_golden.npz"));
        Image image = Load(file).ToRgb();
        double scale = Math.Min(224.0 / image.Width, 224.0 / image.Height);
        int width = (int)Math.Floor((image.Width * scale) + 0.5);
        int height = (int)Math.Floor((image.Height * scale) + 0.5);
        Image small = image.Resize(width, height);

        byte[] canvas = new byte[224 * 224 * 3];
        canvas.AsSpan().Fill(114);
        int left = (224 - width) / 2;
        int top = (224 - height) / 2;
        for (int y = 0; y < height; y++)
        {
            small.Data.Slice(y * width * 3, width * 3).CopyTo(canvas.AsSpan((((top + y) * 224) + left) * 3));
        }

        Assert.Equal(golden[$"{file}/letterbox"].Bytes, canvas);
    }

    [SkippableTheory]
    [MemberData(nameof(Pictures))]
    public void Files_that_are_cut_off_or_damaged_are_refused_or_decoded_but_never_crash(string file)
    {
        byte[] bytes = File.ReadAllBytes(ModelFiles.FindOrSkip(Path.Combine("images", file)));
        foreach (int length in new[] { 2, 4, 9, 20, 33, 60, bytes.Length / 2, bytes.Length - 100 })
        {
            ImageFormatException refusal = Assert.Throws<ImageFormatException>(() => Image.Decode(bytes.AsSpan(0, length), "cut.picture"));
            Assert.StartsWith("cut.picture: ", refusal.Message, StringComparison.Ordinal);
        }

        Random random = new(7);
        for (int round = 0; round < 50; round++)
        {
            byte[] damaged = [.. bytes];
            damaged[random.Next(16, bytes.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Image image = Image.Decode(damaged, "damaged");
                Assert.Equal(image.Data.Length, image.Width * image.Height * image.Channels * (image.Format == PixelFormat.Grey16 ? 2 : 1));
            }
            catch (ImageFormatException)
            {
            }
        }
    }

    private static Image Load(string file)
    {
        string path = ModelFiles.FindOrSkip(Path.Combine("images", file));
        Skip.IfNot(NativeLibrary.TryLoad(file.EndsWith(".png", StringComparison.Ordinal) ? "libspng.so.0" : "libturbojpeg.so.0", out _), "The system's decoder library is not installed.");
        return Image.Load(path);
    }
}
