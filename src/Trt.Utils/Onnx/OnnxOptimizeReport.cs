using System.Globalization;
using System.Text;

namespace Trt.Utils;

/// <summary>What became of a model.</summary>
public sealed record OnnxOptimizeReport
{
    /// <summary>Nodes of each operator before.</summary>
    public required OnnxOpCounts Before { get; init; }

    /// <summary>Nodes of each operator afterwards.</summary>
    public required OnnxOpCounts After { get; init; }

    /// <summary>How many changes each pass made, for those that made any.</summary>
    public required IReadOnlyDictionary<string, int> Changes { get; init; }

    /// <summary>How many nodes were computed and replaced by constants.</summary>
    public int Folded { get; init; }

    /// <summary>How many runs were compared; 0 when there was no check.</summary>
    public int ComparedRuns { get; init; }

    /// <summary>The greatest difference that the check found between numbers before and afterwards; all of them were within its tolerance.</summary>
    public double WorstDifference { get; init; }

    /// <summary>What could not be done, in sentences.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>A table of the operators with their numbers of nodes before and afterwards, and the notes.</summary>
    public override string ToString()
    {
        string[] ops = [.. Before.Keys.Union(After.Keys).Order(StringComparer.Ordinal)];
        int width = ops.Select(op => op.Length).Append("operator".Length).Max();
        StringBuilder text = new();
        Row("operator", "before", "after");
        foreach (string op in ops)
        {
            Row(op, Before[op].ToString(CultureInfo.InvariantCulture), After[op].ToString(CultureInfo.InvariantCulture));
        }

        Row("all", Before.Total.ToString(CultureInfo.InvariantCulture), After.Total.ToString(CultureInfo.InvariantCulture));
        if (ComparedRuns > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"outputs of {ComparedRuns} runs compared, greatest difference {WorstDifference:0.##e+0}");
        }

        foreach (string note in Notes)
        {
            text.AppendLine(note);
        }

        return text.ToString();

        void Row(string op, string before, string after) => text.AppendLine(CultureInfo.InvariantCulture, $"{op.PadRight(width)} {before,7} {after,7}");
    }
}
