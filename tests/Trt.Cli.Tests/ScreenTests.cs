using Xunit;

namespace Trt.Cli.Tests;

public class ScreenTests
{
    [Fact]
    public void A_table_that_fits_is_as_wide_as_its_cells()
    {
        Assert.Equal(
            """
              name     type   share
            ─────────────────────────
              conv1    Half    50 %
              größer           ±7 %

            """, Table(["name", "type", "#share"], [["conv1", "Half", "50 %"], ["größer", "", "±7 %"]]));
    }

    [Theory]
    [InlineData("名前")] // two letters that take two columns each
    [InlineData("name")]
    public void Letters_of_two_columns_are_laid_out_like_others(string name)
    {
        string[] lines = Table(["a heading", "#n"], [[name, "12345678"]]).Split('\n');
        Assert.Equal(["  a heading          n", new string('─', 24), $"  {name}        12345678"], lines[..3]);
    }

    [Fact]
    public void A_table_that_does_not_fit_is_broken_between_words()
    {
        string[] lines = Table(["#bytes", "what"], [["1,234", string.Join(' ', Enumerable.Repeat("word", 40))]]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.Equal(40, lines.Sum(line => line.Split("word").Length - 1));
        Assert.Single(lines, line => line.Contains("1,234", StringComparison.Ordinal));
    }

    [Fact]
    public void Facts_have_their_values_in_one_column()
    {
        StringWriter text = new();
        new Screen(text, noColour: true).Facts([("a", "1"), ("longer", "two\nlines"), ("none", null), ("empty", "")]);
        Assert.Equal("a       1\nlonger  two\n        lines\n", text.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_name_that_leaves_no_room_stands_above_its_value()
    {
        StringWriter text = new();
        string path = $"/{new string('p', 60)}";
        new Screen(text, noColour: true).Facts([("a", "1"), (path, string.Join(' ', Enumerable.Repeat("word", 20)))]);
        Assert.Equal($"a  1\n{path}\n   {string.Join(' ', Enumerable.Repeat("word", 15))}\n   word word word word word\n", text.ToString().ReplaceLineEndings("\n"));
    }

    private static string Table(string[] columns, string[][] rows)
    {
        StringWriter text = new();
        new Screen(text, noColour: true).Table(columns, rows);
        return text.ToString().ReplaceLineEndings("\n");
    }
}
