using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>What came of one tensor of one runner over all samples.</summary>
/// <param name="Runner">The runner.</param>
/// <param name="Tensor">The tensor.</param>
/// <param name="Node">The node that makes it; null where that is not known.</param>
internal sealed record TensorResult(string Runner, string Tensor, OnnxNode? Node)
{
    /// <summary>Comparisons by sample.</summary>
    public List<TensorComparison> Samples { get; } = [];

    /// <summary>Histograms of the reference, the other and the differences; null where none were asked for.</summary>
    public (IReadOnlyList<HistogramBin> Reference, IReadOnlyList<HistogramBin> Other, IReadOnlyList<HistogramBin> Differences)? Histograms { get; set; }

    public bool Passed => Samples.TrueForAll(sample => sample.Passed);

    /// <summary>Whether all that its node reads of what was compared agrees.</summary>
    public bool IsOrigin { get; set; }

    /// <summary>The sample to show: the first that differs, else the one with the greatest difference.</summary>
    public int Worst => Samples.FindIndex(sample => !sample.Passed) is >= 0 and var failed ? failed : Samples.Index().MaxBy(sample => sample.Item.Absolute?.Max ?? 0).Index;
}
