using System.Text.Json;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>What there is to say of a file, for people, programs, and comparisons.</summary>
/// <param name="Path">The file.</param>
/// <param name="Kind">Such as <c>ONNX model</c>.</param>
internal sealed record Description(string Path, string Kind)
{
    /// <summary>Names with values; see <see cref="Section.Rows"/> for these.</summary>
    public List<(string Name, object? Value)> Facts { get; } = [];

    public List<Section> Sections { get; } = [];

    /// <summary>What it all comes to, below the tables.</summary>
    public string? Sum { get; set; }

    /// <summary>The values of a tensor of the file, for comparisons; null where it has none of that name, or none that can be read.</summary>
    public Func<string, TorchTensor?> Values { get; init; } = _ => null;

    /// <summary>Writes it as text.</summary>
    public void Print(Screen screen)
    {
        screen.Facts(Texts());
        foreach (Section section in Sections.Where(section => section.Rows.Count > 0))
        {
            screen.Line();
            screen.Line($"{section.Title} ({section.Rows.Count})");
            screen.Table(section.Columns, section.Rows.Select(row => Array.ConvertAll(row, Section.Text)));
        }

        if (Sum is not null)
        {
            screen.Line(Sum);
        }
    }

    private IEnumerable<(string Name, string? Value)> Texts()
    {
        yield return (Kind, Path);
        foreach ((string name, object? value) in Facts)
        {
            yield return (name, Section.Text(value));
        }
    }

    /// <summary>Writes it as a JSON object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("path", Path);
        json.WriteString("kind", Kind);
        foreach ((string name, object? value) in Facts)
        {
            json.WritePropertyName(Key(name));
            Write(json, value);
        }

        foreach (Section section in Sections)
        {
            json.WriteStartArray(Key(section.Title));
            foreach (object?[] row in section.Rows)
            {
                json.WriteStartObject();
                for (int i = 0; i < row.Length; i++)
                {
                    json.WritePropertyName(Key(section.Columns[i]));
                    Write(json, row[i]);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Headings as JSON names them: <c>made by</c> is <c>madeBy</c>.</summary>
    private static string Key(string heading) => string.Concat(heading.TrimStart('#').Split(' ').Select((word, i) => i == 0 ? word : $"{char.ToUpperInvariant(word[0])}{word[1..]}"));

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case IEnumerable<long> extents:
                json.WriteStartArray();
                foreach (long extent in extents)
                {
                    json.WriteNumberValue(extent);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(value.ToString());
                break;
        }
    }
}
