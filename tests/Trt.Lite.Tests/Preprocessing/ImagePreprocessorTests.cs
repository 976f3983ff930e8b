using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite.Tests.Preprocessing;

/// <summary>Pictures on their way into a tensor: against Pillow's own results, and by arithmetic.</summary>
public class ImagePreprocessorTests
{
    public static TheoryData<string> Pictures => ["baseline.jpg", "progressive.jpg", "grey.jpg", "rgb.png", "rgba.png", "grey16.png"];

    [SkippableTheory]
    [MemberData(nameof(Pictures))]
    public void Decoded_and_resized_pictures_are_Pillows(string file)
    {
        string path = Find(file);
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("images_golden.npz"));
        using Engine engine = Rig.Same([-1, 3, 224, 224], DataType.UInt8);
        Check("bilinear", Pre.Rgb().Resize());
        Check("nearest", Pre.Rgb().Resize(ResizeFilter.Nearest));
        Check("letterbox", Pre.Rgb().Letterbox());
        Check("bilinear", Pre.Resize(224, 224));
        Check("letterbox", Pre.Letterbox(224, 224));

        void Check(string kind, ImagePreprocessor preprocessor)
        {
            using Engine with = Rig.Same([-1, 3, 224, 224], DataType.UInt8, o => o.Preprocess("x", preprocessor));
            byte[] planes = with.Infer<byte[]>(path);
            byte[] expected = golden[$"{file}/{kind}"].Bytes.ToArray();
            Assert.Equal(expected.Length, planes.Length);
            int wrong = 0;
            for (int pixel = 0; pixel < 224 * 224; pixel++)
            {
                for (int channel = 0; channel < 3; channel++)
                {
                    wrong += Math.Abs(planes[(channel * 224 * 224) + pixel] - expected[(pixel * 3) + channel]) > 1 ? 1 : 0;
                }
            }

            Assert.InRange(wrong, 0, expected.Length / 1000);
        }
    }

    [SkippableFact]
    public void Files_bytes_and_decoded_pictures_are_the_same_sample()
    {
        string path = Find("rgb.png");
        using Engine engine = Rig.Same([-1, 3, 32, 32], DataType.Float, o => o.Preprocess(Pre.Resize().Scale(PixelScaling.ImageNet)));
        float[] expected = engine.Infer<float[]>(Image.Load(path));
        Assert.Equal(expected, engine.Infer<float[]>(path));
        Assert.Equal(expected, engine.Infer<float[]>(File.ReadAllBytes(path)));
        Assert.Equal(expected, engine.Infer<float[]>(Input.Of((object)new ReadOnlyMemory<byte>(File.ReadAllBytes(path)))));
        Assert.Equal(expected, engine.Infer<float[][]>(new List<string> { path, path })[1]);

        float[] alone = new float[3 * 32 * 32];
        Pre.Rgb().Resize(32, 32).Scale(PixelScaling.ImageNet).Apply(Image.Load(path), alone);
        Assert.Equal(expected, alone);
        float[] batch = new float[2 * alone.Length];
        Pre.Rgb().Resize(32, 32).Scale(PixelScaling.ImageNet).ApplyBatch([Image.Load(path), Image.Load(path)], batch);
        Assert.Equal([.. expected, .. expected], batch);
        Assert.Throws<ArgumentException>(() => Pre.Decode.ApplyBatch([Image.Load(path), Image.Load(path)], new float[7]));
    }

    [Fact]
    public void Pixels_become_zero_to_one_unless_something_else_is_said()
    {
        Image grey = new(2, 2, PixelFormat.Grey8, [0, 51, 102, 255]);
        using (Engine engine = Rig.Same([-1, 1, 2, 2], DataType.Float))
        {
            Assert.Equal([0, 0.2f, 0.4f, 1], engine.Infer<float[]>(grey));
        }

        using (Engine engine = Rig.Same([-1, 2, 2], DataType.Float, o => o.Preprocess(Pre.Scale(new PixelScaling { Divisor = 51, Mean = [1], Deviation = [2] }))))
        {
            Assert.Equal([-0.5f, 0, 0.5f, 2], engine.Infer<float[]>(grey));
        }

        using (Engine engine = Rig.Same([-1, 1, 2, 2], DataType.Half))
        {
            Assert.Equal([0, (float)(Half)0.2f, (float)(Half)0.4f, 1], engine.Infer<float[]>(grey));
        }

        using (Engine engine = Rig.Same([-1, 1, 2, 2], DataType.Int32))
        {
            Assert.Equal([0, 51, 102, 255], engine.Infer<int[]>(grey));
        }

        using (Engine engine = Rig.Same([-1, 1, 2, 2], DataType.Int32, o => o.Preprocess(Pre.Scale(PixelScaling.ZeroToOne))))
        {
            Assert.Contains("does not hold the value 0.2 of a pixel", Assert.Throws<ArgumentException>(() => engine.Infer<int[]>(grey)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Channels_and_layout_follow_from_the_model()
    {
        Image colour = new(2, 1, PixelFormat.Rgb24, [255, 0, 51, 0, 255, 102]);
        using (Engine engine = Rig.Same([-1, 3, 1, 2], DataType.Float))
        {
            Assert.Equal([1, 0, 0, 1, 0.2f, 0.4f], engine.Infer<float[]>(colour));
        }

        using (Engine engine = Rig.Same([-1, 1, 2, 3], DataType.Float, o => o.Preprocess(Pre.Scale(new PixelScaling { Layout = TensorLayout.ChannelsLast }))))
        {
            Assert.Equal([1, 0, 0.2f, 0, 1, 0.4f], engine.Infer<float[]>(colour));
        }

        using (Engine engine = Rig.Same([-1, 2, 5, 3], DataType.UInt8))
        {
            Image wide = new(5, 2, PixelFormat.Rgb24, [.. Enumerable.Range(0, 30).Select(i => (byte)i)]);
            Assert.Equal(wide.Data.ToArray(), engine.Infer<byte[]>(wide)); // 3 places at the end only
        }

        using (Engine engine = Rig.Same([-1, 3, 1, 2], DataType.Float, o => o.Preprocess(Pre.Scale(new PixelScaling { Bgr = true }))))
        {
            Assert.Equal([0.2f, 0.4f, 0, 1, 1, 0], engine.Infer<float[]>(colour));
        }

        using (Engine engine = Rig.Same([-1, 3, 1, 2], DataType.Float, o => o.Preprocess(Pre.Grey())))
        {
            float[] values = engine.Infer<float[]>(colour);
            Assert.Equal(values[..2], values[2..4]); // grey in all channels: 0.299 R + 0.587 G + 0.114 B
            Assert.Equal(((0.299f * 255) + (0.114f * 51)) / 255, values[0], 0.5f / 255);
        }

        using (Engine engine = Rig.Same([-1, 4, 1, 2], DataType.Float))
        {
            Assert.Contains("wants pictures with transparency, but this one is 2x1 Rgb24", Assert.Throws<ArgumentException>(() => engine.Infer<float[]>(colour)).Message, StringComparison.Ordinal);
        }

        using (Engine engine = Rig.Same([-1, 7], DataType.Float))
        {
            Assert.Contains("of shape 7 (without batch) is no picture", Assert.Throws<ArgumentException>(() => engine.Infer<float[]>(colour)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Sizes_that_the_model_does_not_take_are_refused_with_what_to_do()
    {
        using Engine engine = Rig.Same([-1, 1, 4, 6], DataType.Float);
        Assert.Equal("Input \"x\" wants pictures of 6x4 pixels, but this one has 2x3: add Pre.Resize() or Pre.Letterbox().", Assert.Throws<ArgumentException>(() => engine.Infer<float[]>(new Image(2, 3, PixelFormat.Grey8, new byte[6]))).Message);
        Assert.Contains("say one", Assert.Throws<InvalidOperationException>(() => Pre.Resize().Apply(new Image(2, 3, PixelFormat.Grey8, new byte[6]), out _)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Pre.Resize(0, 3));
    }

    [Theory]
    [InlineData(400, 300, 341, 256)]
    [InlineData(300, 400, 256, 341)]
    [InlineData(100, 1000, 64, 640)]
    [InlineData(256, 256, 256, 256)]
    [InlineData(1, 1000, 1, 640)]
    public void The_shorter_side_gets_its_length_unless_the_longer_would_be_too_long(int width, int height, int newWidth, int newHeight)
    {
        Image small = Pre.ResizeShorter(256, 640).Apply(new Image(width, height, PixelFormat.Grey8, new byte[width * height]), out ImagePlacement placement);
        Assert.Equal((newWidth, newHeight), (small.Width, small.Height));
        Assert.Equal((double)newWidth / width, placement.ScaleX, 1e-12);
    }

    [Fact]
    public void The_middle_and_any_part_can_be_cut_out()
    {
        Image image = new(5, 4, PixelFormat.Grey8, [.. Enumerable.Range(0, 20).Select(i => (byte)i)]);
        Image middle = Pre.CentreCrop(2, 2).Apply(image, out ImagePlacement placement);
        Assert.Equal([7, 8, 12, 13], middle.Data.ToArray()); // from 1.5, rounded to the even 2, and 1
        Assert.Equal((-2, -1), (placement.OffsetX, placement.OffsetY));
        Assert.Equal([5, 6, 10, 11], Pre.Crop(0, 1, 2, 2).Apply(image, out _).Data.ToArray());
        Image colour = Pre.Rgb().Crop(4, 3, 1, 1).Apply(image, out _);
        Assert.Equal([19, 19, 19], colour.Data.ToArray());
        Assert.Equal("2x2 pixels cannot be cut out at 4, 0 of a picture of 5x4: resize it before.", Assert.Throws<ArgumentException>(() => Pre.Crop(4, 0, 2, 2).Apply(image, out _)).Message);
        Assert.Contains("at the middle of", Assert.Throws<ArgumentException>(() => Pre.CentreCrop(6, 2).Apply(image, out _)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_letterbox_keeps_the_ratio_and_tells_where_the_picture_is()
    {
        Image image = new(4, 2, PixelFormat.Rgb24, [.. Enumerable.Repeat((byte)200, 24)]);
        Image framed = Pre.Letterbox(8, 7, new Colour(1, 2, 3)).Apply(image, out ImagePlacement placement);
        Assert.Equal((8, 7), (framed.Width, framed.Height));
        Assert.Equal(new ImagePlacement(4, 2, 8, 7, 2, 2, 0, 1), placement);
        Assert.Equal([1, 2, 3], framed.Data[..3].ToArray());
        Assert.Equal([200, 200, 200], framed.Data.Slice(8 * 3, 3).ToArray());
        Assert.Equal([1, 2, 3], framed.Data.Slice(5 * 8 * 3, 3).ToArray()); // 4 rows of picture, 1 above, 2 below
        Assert.Equal(1, placement.ToPictureY(3));
        Image grey = Pre.Letterbox(4, 4).Apply(image.ToGrey(), out _);
        Assert.Equal(114, grey.Data[0]);
    }

    [Fact]
    public void Steps_of_ones_own_stand_anywhere()
    {
        Image image = new(2, 1, PixelFormat.Grey8, [10, 20]);
        Image flipped = Pre.Decode.Then(picture => new Image(2, 1, PixelFormat.Grey8, [picture.Data[1], picture.Data[0]])).Apply(image, out ImagePlacement placement);
        Assert.Equal([20, 10], flipped.Data.ToArray());
        Assert.Equal(ImagePlacement.Unmoved(2, 1), placement);
        Pre.Decode.Then(picture => picture.Resize(6, 2)).Apply(image, out placement);
        Assert.Equal((3, 2), (placement.ScaleX, placement.ScaleY));
    }

    [Fact]
    public void Functions_make_tensors_of_anything()
    {
        using Engine engine = Rig.Doubles([-1, 3], o => o.Preprocess(Pre.From<Version, float>((version, tensor) => (tensor[0], tensor[1], tensor[2]) = (version.Major, version.Minor, version.Build))));
        Assert.Equal([2, 4, 6], engine.Infer<float[]>(Input.Of(new Version(1, 2, 3))));
        Assert.Equal(6, engine.Infer<float[][]>(Enumerable.Range(0, 6).Select(i => new Version(i, i, i)).ToList()).Length);
        Assert.Equal([2, 2, 2], engine.Infer<float[]>(new float[] { 1, 1, 1 })); // numbers pass by the pre-processor
        Assert.Contains("is nothing that its pre-processor works on", Assert.Throws<ArgumentException>(() => engine.Infer<float[]>("text")).Message, StringComparison.Ordinal);

        using Engine open = Rig.Doubles([-1, -1], o => o.Preprocess(Pre.From<string, float>(
            (text, tensor) =>
            {
                for (int i = 0; i < text.Length; i++)
                {
                    tensor[i] = text[i] - 'a';
                }
            },
            text => [text.Length])));
        Assert.Equal([[0, 2, 4], [6], [2, 2, 2]], open.Infer<float[][]>(["abc", "d", "bbb"]));
        using Engine shapeless = Rig.Doubles([-1, -1], o => o.Preprocess(Pre.From<string, float>((_, _) => { })));
        Assert.Contains("give its pre-processor a function for the shape", Assert.Throws<ArgumentException>(() => shapeless.Infer<float[]>("abc")).Message, StringComparison.Ordinal);
        using Engine mistyped = Rig.Doubles([-1, 3], o => o.Preprocess(Pre.From<string, int>((_, _) => { })));
        Assert.Contains("has elements of type float, but its pre-processor writes Int32", Assert.Throws<ArgumentException>(() => mistyped.Infer<float[]>("abc")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_corrupt_picture_among_good_ones_is_named()
    {
        string folder = Directory.CreateTempSubdirectory("trt-lite-").FullName;
        try
        {
            string good = Path.Combine(folder, "good.pgm");
            string bad = Path.Combine(folder, "bad.pgm");
            File.WriteAllBytes(good, [.. "P5 2 2 255\n"u8, 1, 2, 3, 4]);
            File.WriteAllBytes(bad, [.. "P5 2 2 255\n"u8, 1, 2]);
            using Engine engine = Rig.Same([-1, 1, 2, 2], DataType.UInt8);
            SampleException error = Assert.Throws<SampleException>(() => engine.Infer<byte[][]>(new[] { good, bad, good }));
            Assert.StartsWith($"Sample 1 ({bad}): {bad}: ", error.Message, StringComparison.Ordinal);
            Assert.Equal((1, bad), (error.Index, error.Name));
            Assert.IsType<ImageFormatException>(error.InnerException);
            Assert.Throws<ImageFormatException>(() => engine.Infer<byte[]>(bad));
            Assert.Throws<FileNotFoundException>(() => engine.Infer<byte[]>(Path.Combine(folder, "none.pgm")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Find(string file)
    {
        string path = ModelFiles.FindOrSkip(Path.Combine("images", file));
        Skip.IfNot(NativeLibrary.TryLoad(file.EndsWith(".png", StringComparison.Ordinal) ? "libspng.so.0" : "libturbojpeg.so.0", out _), "The system's decoder library is not installed.");
        return path;
    }
}
