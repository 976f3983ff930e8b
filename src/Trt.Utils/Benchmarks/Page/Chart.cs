using System.Text;
using static Trt.Utils.PageText;

namespace Trt.Utils;

/// <summary>A drawing of a page, with its title for those who do not see it. Drawn twice, wide and slim, since text must not shrink with the picture.</summary>
internal sealed class Chart
{
    private readonly StringBuilder svg = new();
    private readonly string id;

    /// <param name="id">Different for each drawing of a page.</param>
    /// <param name="isSlim">Whether it is the one for phones.</param>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="title">What it is.</param>
    /// <param name="description">What it shows.</param>
    public Chart(string id, bool isSlim, double height, string title, string description)
    {
        this.id = id + (isSlim ? "-slim" : "");
        IsSlim = isSlim;
        Width = isSlim ? 330 : 900;
        svg.Append($"<svg class=\"{(isSlim ? "slim" : "wide")}\" viewBox=\"0 0 {At(Width)} {At(height)}\" role=\"img\" aria-labelledby=\"{this.id}-t {this.id}-d\">");
        svg.Append($"<title id=\"{this.id}-t\">{Escape(title)}</title><desc id=\"{this.id}-d\">{Escape(description)}</desc>\n");
    }

    public bool IsSlim { get; }

    public double Width { get; }

    /// <summary>Pixels that a text takes at the charts' font size, in fonts that run wide.</summary>
    public static double WidthOf(string text) => text.Sum(c => c is '%' or 'm' or 'M' or 'w' or 'W' ? 12 : 7.3);

    public void Rectangle(double x, double y, double width, double height, string style, string? title = null)
    {
        svg.Append($"<rect x=\"{At(x)}\" y=\"{At(y)}\" width=\"{At(Math.Max(width, 0))}\" height=\"{At(Math.Max(height, 0))}\" class=\"{style}\"");
        svg.Append(title is null ? "/>\n" : $"><title>{Escape(title)}</title></rect>\n");
    }

    public void Line(double x1, double y1, double x2, double y2, string style) =>
        svg.Append($"<line x1=\"{At(x1)}\" y1=\"{At(y1)}\" x2=\"{At(x2)}\" y2=\"{At(y2)}\" class=\"{style}\"/>\n");

    /// <param name="x">Where it stands.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="text">The text.</param>
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="isStrong">Whether it stands out.</param>
    public void Text(double x, double y, string text, string anchor = "start", bool isStrong = false) =>
        svg.Append($"<text x=\"{At(x)}\" y=\"{At(y)}\" text-anchor=\"{anchor}\"{(isStrong ? " class=\"strong\"" : "")}>{Escape(text)}</text>\n");

    public void Path(IEnumerable<(double X, double Y)> points, string style, bool isClosed)
    {
        svg.Append("<path d=\"");
        bool first = true;
        foreach ((double x, double y) in points)
        {
            svg.Append(first ? "M" : "L").Append(At(x)).Append(' ').Append(At(y));
            first = false;
        }

        svg.Append($"{(isClosed ? "Z" : "")}\" class=\"{style}\"/>\n");
    }

    /// <summary>Ticks and their texts below, with lines across the chart.</summary>
    public void Horizontal(Axis axis, double top, double bottom, string unit)
    {
        double last = double.NegativeInfinity;
        foreach ((double value, string text) in axis.Ticks(IsSlim ? 4 : 10))
        {
            double x = axis.At(value), half = WidthOf(text) / 2;
            Line(x, top, x, bottom, "grid");
            if (x - half > last + 4 && x + half <= Width && x + half < axis.To - WidthOf(unit) - 4)
            {
                Text(x, bottom + 16, text, "middle");
                last = x + half;
            }
        }

        Text(axis.To, bottom + 16, unit, "end");
        Line(axis.From, bottom, axis.To, bottom, "axis");
    }

    /// <summary>Ticks and their texts at the left, with lines across the chart.</summary>
    public void Vertical(Axis axis, double left, double right)
    {
        foreach ((double value, string text) in axis.Ticks(4))
        {
            Line(left, axis.At(value), right, axis.At(value), "grid");
            Text(left - 6, axis.At(value) + 4, text, "end");
        }
    }

    public override string ToString() => svg + "</svg>\n";
}
