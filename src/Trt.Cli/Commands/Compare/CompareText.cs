using System.Globalization;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>A comparison as people read it.</summary>
internal static class CompareText
{
    private const int MostDetails = 3;
    private const int BarWidth = 40;

    public static void Write(Screen screen, CompareRun run, IReadOnlyList<ComparedRunner> runners, ComparedRunner reference, bool histograms, bool hint)
    {
        screen.Facts(runners.Select(runner => (runner.Name, (string?)$"{runner.Description}{(ReferenceEquals(runner, reference) && runners.Count > 1 ? ", the reference" : "")}{(runner is SavedRunner ? "" : $"; {Milliseconds(runner.Time / Math.Max(run.SampleCount, 1))} a run")}"))
            .Append(("samples", run.SampleCount.ToString(CultureInfo.InvariantCulture))));
        foreach (IGrouping<string, TensorResult> group in run.Results.GroupBy(result => result.Runner))
        {
            screen.Line();
            screen.Line($"{group.Key} compared with {reference.Name}");
            TensorResult[] all = [.. group];
            screen.Table(["#max abs", "#mean abs", "#max rel", "#cosine", "", "tensor"], all.Select(result => Row(result, all.Length)));

            // What is wrong is shown closely, and all where there is little.
            foreach (TensorResult result in all.Where(result => !result.Passed || all.Length <= MostDetails).OrderBy(result => result.IsOrigin ? 0 : 1).Take(MostDetails))
            {
                Details(screen, result, reference.Name);
            }

            foreach (TensorResult result in group.Where(result => histograms && result.Histograms is not null))
            {
                Histogram(screen, $"{result.Tensor} of {reference.Name}", result.Histograms!.Value.Reference);
                Histogram(screen, $"{result.Tensor} of {result.Runner}", result.Histograms!.Value.Other);
                Histogram(screen, $"{result.Tensor}, absolute differences", result.Histograms!.Value.Differences);
            }
        }

        if (run.Unmatched.Count > 0)
        {
            screen.Line();
            screen.Paragraph($"Not compared, since only {reference.Name} has them: {string.Join(", ", run.Unmatched.Take(6))}{(run.Unmatched.Count > 6 ? $" and {run.Unmatched.Count - 6} more" : "")}.");
        }

        Invalid(screen, run);
        Verdict(screen, run, runners, hint);
    }

    /// <summary>Numbers as tables have them.</summary>
    public static string Number(double value) => value.ToString("g3", CultureInfo.InvariantCulture);

    private static IReadOnlyList<string> Row(TensorResult result, int tensors)
    {
        TensorComparison shown = result.Samples[result.Worst];
        return
        [
            shown.Absolute is null ? "" : Number(result.Samples.Max(sample => sample.Absolute?.Max ?? double.NaN)),
            shown.Absolute is null ? "" : Number(result.Samples.Average(sample => sample.Absolute?.Mean ?? double.NaN)),
            shown.Relative is null ? "" : Number(result.Samples.Max(sample => sample.Relative?.Max ?? double.NaN)),
            double.IsNaN(shown.Cosine) ? "" : result.Samples.Min(sample => sample.Cosine).ToString("0.#####", CultureInfo.InvariantCulture),
            result.Passed ? "ok" : result.IsOrigin && tensors > 1 ? "FIRST" : "DIFFERS",
            result.Tensor,
        ];
    }

    private static void Details(Screen screen, TensorResult result, string reference)
    {
        TensorComparison shown = result.Samples[result.Worst];
        screen.Paragraph($"\"{result.Tensor}\"{Made(result.Node)}, {Units.Shape(shown.ReferenceShape)}{(result.Samples.Count > 1 ? $", sample {result.Worst}" : "")}:");
        screen.Paragraph($"{(shown.Passed ? "it agrees" : $"it {shown.Reason}")}.");
        if (shown.Reference is null || shown.Other is null)
        {
            return;
        }

        screen.Table(["", "#min", "#max", "#mean", "#std", "#NaN", "#infinite"], new[] { (reference, shown.ReferenceType, shown.Reference), (result.Runner, shown.OtherType, shown.Other) }.Select(side => (IReadOnlyList<string>)
        [
            $"{side.Item1}, {side.Item2}", Number(side.Item3.Min), Number(side.Item3.Max), Number(side.Item3.Mean), Number(side.Item3.StandardDeviation), Units.Count(side.Item3.NaNCount), Units.Count(side.Item3.InfinityCount),
        ]));
        if (shown.Absolute is { } absolute)
        {
            screen.Facts(
                ("absolute", $"max {Number(absolute.Max)}, mean {Number(absolute.Mean)}, median {Number(absolute.Median)}, {Number(shown.Rule.Quantile)} quantile {Number(absolute.Quantile)}"),
                ("relative", $"max {Number(shown.Relative!.Max)}, mean {Number(shown.Relative.Mean)}, median {Number(shown.Relative.Median)}, {Number(shown.Rule.Quantile)} quantile {Number(shown.Relative.Quantile)}"),
                ("signal", $"cosine {shown.Cosine.ToString("g7", CultureInfo.InvariantCulture)}, SNR {Number(shown.Snr)} dB, PSNR {Number(shown.Psnr)} dB"));
        }

        screen.Line();
    }

    private static void Histogram(Screen screen, string title, IReadOnlyList<HistogramBin> bins)
    {
        screen.Line(title);
        long most = bins.Count == 0 ? 0 : Math.Max(bins.Max(bin => bin.Count), 1);
        foreach (HistogramBin bin in bins)
        {
            screen.Line($"  {Number(bin.From),10} .. {Number(bin.To),-10} {Units.Count(bin.Count),11} {new string('█', (int)(BarWidth * bin.Count / most))}");
        }

        screen.Line();
    }

    private static void Invalid(Screen screen, CompareRun run)
    {
        foreach (IGrouping<string, NotFinite> group in run.NotFinite.GroupBy(found => found.Runner))
        {
            NotFinite first = group.FirstOrDefault(found => found.IsOrigin) ?? group.First();
            TensorStatistics counts = first.Statistics;
            screen.Line();
            screen.Paragraph($"{group.Key}: \"{first.Tensor}\"{Made(first.Node)} has {counts.NaNCount} NaN and {counts.InfinityCount} infinite of {counts.Count} elements, the first at {counts.FirstNotFinite} (sample {first.Sample}){(first.IsOrigin && first.Node is not null ? "; what it reads is finite" : "")}{(group.Count() > 1 ? $". {group.Count()} tensors are not finite" : "")}.");
        }
    }

    private static void Verdict(Screen screen, CompareRun run, IReadOnlyList<ComparedRunner> runners, bool hint)
    {
        screen.Line();
        if (run.First is { } first)
        {
            TensorResult shown = run.Results.FirstOrDefault(result => result.IsOrigin) ?? first;
            int differing = run.Results.Count(result => !result.Passed);
            screen.Paragraph($"FAILED: {differing} of {run.Results.Count} tensors {(differing == 1 ? "differs" : "differ")}, first \"{shown.Tensor}\" of {shown.Runner}{Made(shown.Node)}.{(hint ? " --layers finds out where it begins." : "")}");
        }
        else if (run.NotFinite.Count > 0)
        {
            screen.Line("FAILED: there are elements that are not finite.");
        }
        else if (runners.Count > 1)
        {
            screen.Line($"PASSED: {(run.Results.Count == 1 ? "the one tensor agrees" : $"all {run.Results.Count} tensors agree")}.");
        }
        else
        {
            screen.Line("One runner alone: nothing was compared.");
        }
    }

    private static string Made(OnnxNode? node) => node is null ? string.Empty : $", made by {GraphOrder.Describe(node)}";

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms");
}
