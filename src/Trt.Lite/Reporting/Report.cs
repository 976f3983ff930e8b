using System.Globalization;
using System.Text;

namespace Trt.Lite;

/// <summary>What an engine has done since it was opened or its report was reset, without warm-up.</summary>
/// <param name="Samples">Samples that were run.</param>
/// <param name="Runs">Runs of the network; a run has up to the greatest batch.</param>
/// <param name="Elapsed">Since when.</param>
/// <param name="Stages">Each stage in the order in which it comes.</param>
public sealed record Report(long Samples, long Runs, TimeSpan Elapsed, IReadOnlyList<StageReport> Stages)
{
    /// <summary>A stage.</summary>
    /// <param name="stage">Which.</param>
    public StageReport this[Stage stage] => Stages.First(item => item.Stage == stage);

    /// <summary>A table.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Samples} samples in {Runs} runs");
        text.AppendLine(CultureInfo.InvariantCulture, $"{"stage",-12}{"count",10}{"mean ms",12}{"p50 ms",12}{"p99 ms",12}");
        foreach (StageReport stage in Stages)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{stage.Stage,-12}{stage.Count,10}{stage.Mean.TotalMilliseconds,12:0.0000}{stage.P50.TotalMilliseconds,12:0.0000}{stage.P99.TotalMilliseconds,12:0.0000}");
        }

        return text.ToString();
    }
}
