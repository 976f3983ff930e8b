using System.Globalization;
using Trt.Lite;

namespace Trt.Cli.Commands.Run;

/// <summary>Results as rows of 80 columns, printed as they come.</summary>
internal sealed class ResultTable
{
    private const int Width = 80;
    private readonly Screen screen;
    private readonly RunOptions options;
    private readonly bool isSeveral;
    private readonly bool hasTruth;
    private readonly OutputKind kind;
    private readonly (string Title, int Width, bool IsNumber)[] columns;
    private bool isBegun;

    public ResultTable(Screen screen, RunOptions options, IReadOnlyList<OutputPlan> plans, IReadOnlyList<Sample> samples, bool hasTruth)
    {
        this.screen = screen;
        this.options = options;
        this.hasTruth = hasTruth;
        kind = plans.Select(plan => plan.Kind).Distinct().Count() == 1 ? plans[0].Kind : OutputKind.Raw;
        bool isMixed = plans.Any(plan => plan.Kind != kind) && !plans[0].AreBoxes;
        kind = plans[0].AreBoxes ? OutputKind.Boxes : kind;
        isSeveral = plans.Count > 1 && kind != OutputKind.Boxes;
        (string Title, int Width, bool IsNumber)[] own = isMixed ? [("result", 44, false)] : kind switch
        {
            OutputKind.Class or OutputKind.Argmax or OutputKind.TopK or OutputKind.Softmax or OutputKind.Sigmoid =>
                hasTruth ? [("class", 16, false), ("score", 9, true), ("label", 16, false)] : [("class", 24, false), ("score", 9, true)],
            OutputKind.Boxes => [("class", 14, false), ("score", 6, true), ("left", 7, true), ("top", 7, true), ("width", 7, true), ("height", 7, true)],
            OutputKind.Raw => [("shape", 13, false), ("min", 9, true), ("max", 9, true), ("mean", 9, true)],
            OutputKind.Mask => [("pixels of each class", 44, false)],
            OutputKind.Rows => [("class of each row", 44, false)],
            _ => [("picture", 44, false)],
        };
        IsMixed = isMixed;
        int output = isSeveral ? Math.Clamp(plans.Max(plan => plan.Name.Length), 6, 14) : 0;
        int left = Width - own.Sum(column => column.Width + 2) - (isSeveral ? output + 2 : 0);
        int name = Math.Min(left, Math.Max(6, samples.Count == 0 ? 6 : samples.Max(sample => NameOf(sample).Length)));
        columns = [("sample", name, false), .. isSeveral ? [("output", output, false)] : Array.Empty<(string, int, bool)>(), .. own];
    }

    private bool IsMixed { get; }

    /// <summary>Prints a sample's results.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="results">What was made of its outputs.</param>
    /// <param name="truth">Its right class; null: unknown.</param>
    public void Add(Sample sample, IReadOnlyList<OutputResult> results, int? truth)
    {
        if (!isBegun)
        {
            isBegun = true;
            Row([.. columns.Select(column => column.Title)]);
            screen.Line(new string('-', columns.Sum(column => column.Width + 2) - 2));
        }

        string name = NameOf(sample);
        foreach (OutputResult result in kind == OutputKind.Boxes ? results.Take(1) : results)
        {
            string output = result.Plan.Name;
            foreach (string[] cells in IsMixed ? [[Text(result)]] : Cells(result, truth))
            {
                Row(isSeveral ? [name, output, .. cells] : [name, .. cells]);
                (name, output) = (string.Empty, string.Empty);
            }

            if (options.All && result.Tensor is { } tensor && result.Plan.Kind == OutputKind.Raw)
            {
                RawValues.Print(screen, tensor);
            }
        }
    }

    /// <summary>Below the folder that was named, which stands above the table.</summary>
    private static string NameOf(Sample sample) => sample.Relative ?? sample.Name;

    private static string Number(double value) => double.IsNaN(value) ? "-" : value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Score(float value) => value.ToString(Math.Abs(value) < 1000 ? "0.0000" : "G5", CultureInfo.InvariantCulture);

    private static string NameOf(int number, string? label) => label ?? number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The end of a path says more than its beginning, of other texts the beginning.</summary>
    private static string Cut(string text, int width, bool fromStart) => text.Length <= width ? text : fromStart ? $"…{text[^(width - 1)..]}" : $"{text[..(width - 1)]}…";

    private string Label(int number) => NameOf(number, options.Labels is { } labels && number < labels.Count ? labels[number] : null);

    private IEnumerable<string[]> Cells(OutputResult result, int? truth)
    {
        switch (result.Plan.Kind)
        {
            case OutputKind.Boxes or OutputKind.Anchors:
                return result.Boxes.Count == 0
                    ? [["nothing", string.Empty, string.Empty, string.Empty, string.Empty, string.Empty]]
                    : result.Boxes.Select(box => new[] { NameOf(box.Class, box.Label), box.Score.ToString("0.000", CultureInfo.InvariantCulture), Place(box.Left), Place(box.Top), Place(box.Width), Place(box.Height) });
            case OutputKind.Raw:
                string shape = Units.Shape(result.Shape);
                return result.Values is { } values
                    ? [[shape, Number(values.Min), Number(values.Max), values.NotFinite > 0 ? $"{values.NotFinite} odd" : Number(values.Mean)]]
                    : [[shape, "-", "-", "-"]];
            case OutputKind.Mask or OutputKind.Rows or OutputKind.Picture or OutputKind.Heat:
                return [[Text(result)]];
            default:
                return result.Classes.Count == 0 ? [Append(["none", string.Empty], null)] : result.Classes.Select((found, i) => Append([NameOf(found.Index, found.Label), Score(found.Score)], i == 0 ? found.Index : null));
        }

        static string Place(float value) => value.ToString("0.0", CultureInfo.InvariantCulture);

        string[] Append(string[] cells, int? best) => !hasTruth ? cells
            : [.. cells, truth is { } right && best is { } own ? right == own ? Label(right) : $"{Label(right)}  wrong" : string.Empty];
    }

    private string Text(OutputResult result) => result.Plan.Kind switch
    {
        OutputKind.Mask => string.Join(", ", result.Pixels.OrderByDescending(entry => entry.Value).Select(entry => string.Create(CultureInfo.InvariantCulture, $"{Label(entry.Key)} {100.0 * entry.Value / result.Pixels.Values.Sum():0.0} %"))),
        OutputKind.Rows => string.Join(' ', result.Rows.Select(Label)),
        OutputKind.Picture or OutputKind.Heat => result.File ?? result.Picture?.ToString() ?? string.Empty,
        OutputKind.Raw => result.Values is { } values ? $"{Units.Shape(result.Shape)}: {Number(values.Min)} to {Number(values.Max)}" : Units.Shape(result.Shape),
        _ => string.Join(", ", result.Classes.Select(found => $"{NameOf(found.Index, found.Label)} {Score(found.Score)}")),
    };

    private void Row(string[] cells)
    {
        List<string> parts = [];
        for (int i = 0; i < cells.Length; i++)
        {
            (string title, int width, bool isNumber) = columns[i];
            string cell = Cut(cells[i], width, fromStart: title is "sample" or "picture");
            parts.Add(isNumber ? cell.PadLeft(width) : cell.PadRight(width));
        }

        screen.Line(string.Join("  ", parts).TrimEnd());
    }
}
