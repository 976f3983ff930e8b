using System.Globalization;

namespace Trt.Cli.Commands.Run;

/// <summary>How many samples got their right class.</summary>
/// <param name="Right">Samples whose best class is the right one.</param>
/// <param name="Total">Samples that were run.</param>
/// <param name="Origin">What told the right classes.</param>
internal sealed record Accuracy(int Right, int Total, string Origin)
{
    public double Share => Total == 0 ? 0 : (double)Right / Total;

    /// <summary>As in <c>accuracy 99.5 % (199 of 200; labels from file names)</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"accuracy {100 * Share:0.##} % ({Right} of {Total}; labels from {Origin})");
}
