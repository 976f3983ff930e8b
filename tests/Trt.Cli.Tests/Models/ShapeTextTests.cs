using Xunit;

namespace Trt.Cli.Tests.Models;

public class ShapeTextTests
{
    [Fact]
    public void Names_and_extents_are_read_as_trtexec_reads_them()
    {
        IReadOnlyDictionary<string, long[]> shapes = ShapeText.Parse("x:1x3x224x224,ns::y:scalar,'a,b':7,z:", "--shapes");
        Assert.Equal(["x", "ns::y", "a,b", "z"], shapes.Keys);
        Assert.Equal([1, 3, 224, 224], shapes["x"]);
        Assert.Empty(shapes["ns::y"]);
        Assert.Equal([7], shapes["a,b"]);
        Assert.Empty(shapes["z"]);
    }

    [Fact]
    public void A_star_stands_for_any_text_and_later_entries_win()
    {
        IReadOnlyDictionary<string, long[]> shapes = ShapeText.Parse("in*:2,input.1:3", "--shapes");
        Assert.Equal([3], shapes.For("input.1")!);
        Assert.Equal([2], shapes.For("input.2")!);
        Assert.Null(shapes.For("other"));
        Assert.False(ShapeText.Fits("a.b*", "axb"));
    }

    [Theory]
    [InlineData("1x2")]
    [InlineData("x:1xq")]
    [InlineData(":1x2")]
    [InlineData("a*b*:1")]
    public void What_is_no_shape_is_refused_with_the_option_and_the_entry(string text)
    {
        UserError error = Assert.Throws<UserError>(() => ShapeText.Parse(text, "--opt-shapes"));
        Assert.Contains("--opt-shapes", error.Message, StringComparison.Ordinal);
        Assert.Contains($"\"{text}\"", error.Message, StringComparison.Ordinal);
    }
}
