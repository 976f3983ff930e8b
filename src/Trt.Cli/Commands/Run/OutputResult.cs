using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli.Commands.Run;

/// <summary>What was made of an output of one sample; only what its kind has.</summary>
/// <param name="Plan">The output.</param>
/// <param name="Shape">Its shape, without batch.</param>
internal sealed record OutputResult(OutputPlan Plan, long[] Shape)
{
    /// <summary>Best first.</summary>
    public IReadOnlyList<Classification> Classes { get; init; } = [];

    /// <summary>A class for each row.</summary>
    public IReadOnlyList<int> Rows { get; init; } = [];

    public IReadOnlyList<DetectedBox> Boxes { get; init; } = [];

    /// <summary>Of a mask: pixels by class.</summary>
    public IReadOnlyDictionary<int, long> Pixels { get; init; } = new Dictionary<int, long>();

    public Image? Picture { get; init; }

    /// <summary>Where <see cref="Picture"/>, or a picture with the boxes, was written.</summary>
    public string? File { get; init; }

    /// <summary>Of raw values.</summary>
    public ValueSummary? Values { get; init; }

    /// <summary>All values, where they are asked for.</summary>
    public TorchTensor? Tensor { get; init; }
}
