using System.Text;
using Xunit;

namespace Trt.Utils.Tests.Images;

public class ImageTests
{
    [Fact]
    public void Portable_maps_are_read_in_binary_and_as_text()
    {
        Image grey = Decode("P5 # a comment\n3\t2\n255\n\u0001\u0002\u0003\u0004\u0005\u0006");
        Assert.Equal((3, 2, PixelFormat.Grey8), (grey.Width, grey.Height, grey.Format));
        Assert.Equal([1, 2, 3, 4, 5, 6], grey.Data.ToArray());

        Image colour = Decode("P3\n# text\n2 1 255 1 2 3\n4 5 6");
        Assert.Equal(PixelFormat.Rgb24, colour.Format);
        Assert.Equal([1, 2, 3, 4, 5, 6], colour.Data.ToArray());

        Assert.Equal([0, 128, 255], Decode("P2 3 1 100 0 50 100").Data.ToArray());
        Image deep = Decode("P5 2 1 65535\n\u0001\u0002\u0003\u0004");
        Assert.Equal(PixelFormat.Grey16, deep.Format);
        Assert.Equal([1, 3], deep.ToGrey().Data.ToArray());
        Assert.Equal([1, 1, 1, 3, 3, 3], deep.ToRgb().Data.ToArray());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("GIF89a", "neither")]
    [InlineData("P5", "cut off before width")]
    [InlineData("P5 3 2 255\n12345", "cut off")]
    [InlineData("P5 30000 30000 255\n1", "at most 178956970 pixels")]
    [InlineData("P5 0 2 255\n", "at least 1x1")]
    [InlineData("P5 -1 2 255\n", "no number")]
    [InlineData("P5 3 2 0\n123456", "largest value is 0")]
    [InlineData("P5 99999999999999 2 255\n", "no number")]
    [InlineData("P2 2 1 10 3 11", "above the file's largest value 10")]
    [InlineData("P2 2 1 10 3", "cut off")]
    public void What_is_no_picture_is_refused_by_name(string content, string words)
    {
        ImageFormatException refusal = Assert.Throws<ImageFormatException>(() => Decode(content));
        Assert.Equal("picture", refusal.Path);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pixels_become_values_of_a_tensor_in_either_layout()
    {
        // Two pixels: (10, 20, 30) and (40, 50, 60).
        Image image = new(2, 1, PixelFormat.Rgb24, [10, 20, 30, 40, 50, 60]);
        float[] values = new float[6];
        image.CopyTo(values, new PixelScaling { Divisor = 10, Mean = [1, 2, 3], Deviation = [2] });
        Assert.Equal([0f, 1.5f, 0, 1.5f, 0, 1.5f], values);
        image.CopyTo(values, new PixelScaling { Divisor = 1, Layout = TensorLayout.ChannelsLast, Bgr = true });
        Assert.Equal([30f, 20, 10, 60, 50, 40], values);
        image.CopyTo(values, PixelScaling.ImageNet);
        Assert.Equal(((10 / 255f) - 0.485f) / 0.229f, values[0]);
        Assert.Equal(((60 / 255f) - 0.406f) / 0.225f, values[5]);

        Assert.Contains("6 values, not 5", Assert.Throws<ArgumentException>(() => image.CopyTo(new float[5], PixelScaling.ZeroToOne)).Message, StringComparison.Ordinal);
        Assert.Contains("3 channels", Assert.Throws<ArgumentException>(() => image.CopyTo(values, new PixelScaling { Mean = [1, 2] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Grey_and_colour_are_converted_by_the_usual_weights()
    {
        Image image = new(3, 1, PixelFormat.Rgb24, [255, 0, 0, 0, 255, 0, 0, 0, 255]);
        Assert.Equal([76, 150, 29], image.ToGrey().Data.ToArray());
        Assert.Equal([9, 9, 9], new Image(1, 1, PixelFormat.Grey8, [9]).ToRgb().Data.ToArray());
        Assert.Equal([1, 2, 3], new Image(1, 1, PixelFormat.Rgba32, [1, 2, 3, 0]).ToRgb().Data.ToArray());
    }

    [Fact]
    public void Transparent_pixels_do_not_colour_their_neighbours_when_resized()
    {
        // An opaque red pixel beside an invisible blue one: alpha (255 + 0) / 2, red times alpha 200 / 2, and back by 255 * 100 / 128.
        Image image = new(2, 1, PixelFormat.Rgba32, [200, 0, 0, 255, 0, 0, 200, 0]);
        Assert.Equal([199, 0, 0, 128], image.Resize(1, 1).Data.ToArray());
    }

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        Assert.Contains("6 bytes, not 5", Assert.Throws<ArgumentException>(() => new Image(2, 1, PixelFormat.Rgb24, new byte[5])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Image(1, 1, PixelFormat.Grey8, [1]).Resize(0, 1));
        Assert.Throws<NotSupportedException>(() => new Image(1, 1, PixelFormat.Grey16, [1, 2]).Resize(2, 2));
    }

    [Theory]
    [InlineData(PixelFormat.Grey8, ".pgm")]
    [InlineData(PixelFormat.Grey16, ".pgm")]
    [InlineData(PixelFormat.Rgb24, ".ppm")]
    [InlineData(PixelFormat.Grey8, ".png")]
    [InlineData(PixelFormat.Grey16, ".png")]
    [InlineData(PixelFormat.Rgb24, ".png")]
    [InlineData(PixelFormat.Rgba32, ".png")]
    public void Pictures_that_are_written_are_read_back_as_they_were(PixelFormat format, string ending)
    {
        // PNG is read by libspng, which checks sums and filters.
        Image image = Noise(37, 19, format);
        string path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "a" + ending);
        image.Save(path);
        Image back = Image.Load(path);
        Assert.Equal((37, 19, format), (back.Width, back.Height, back.Format));
        Assert.Equal(image.Data, back.Data);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void A_palette_gives_numbers_colours()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string path = Path.Combine(folder, "a.png");
        Image classes = new(3, 1, PixelFormat.Grey8, [2, 0, 1]);
        classes.Save(path, [10, 11, 12, 20, 21, 22, 30, 31, 32]);
        Assert.Equal([30, 31, 32, 10, 11, 12, 20, 21, 22], Image.Load(path).Data.ToArray());

        Assert.Throws<ArgumentException>(() => classes.Save(path, [1, 2, 3, 4, 5, 6]));
        Assert.Throws<ArgumentException>(() => classes.Save(Path.Combine(folder, "a.pgm"), [10, 11, 12, 20, 21, 22, 30, 31, 32]));
        Assert.Throws<ArgumentException>(() => classes.Save(Path.Combine(folder, "a.ppm")));
        Assert.Throws<ArgumentException>(() => classes.Save(Path.Combine(folder, "a.jpg")));
        Assert.Contains("cannot be written", Assert.Throws<IOException>(() => classes.Save(Path.Combine(path, "b.png"))).Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    private static Image Noise(int width, int height, PixelFormat format)
    {
        byte[] pixels = new byte[width * height * format switch { PixelFormat.Grey8 => 1, PixelFormat.Grey16 => 2, PixelFormat.Rgb24 => 3, _ => 4 }];
        new Random(7).NextBytes(pixels);
        return new Image(width, height, format, pixels);
    }

    private static Image Decode(string content) => Image.Decode(Encoding.Latin1.GetBytes(content), "picture");
}
