namespace Trt.Utils;

/// <summary>What a source gives at a time: an item or a whole batch.</summary>
/// <param name="Label">What errors call it, such as <c>item 7 (cat.png)</c>.</param>
/// <param name="Tensors">By input name; an empty name stands for the network's only input.</param>
internal readonly record struct CalibrationSample(string Label, IReadOnlyDictionary<string, CalibrationTensor> Tensors)
{
    /// <summary>The name that stands for the only input.</summary>
    public const string OnlyInput = "";

    public static CalibrationSample Of(string label, CalibrationTensor? tensor) =>
        new(label, new Dictionary<string, CalibrationTensor>(StringComparer.Ordinal) { [OnlyInput] = tensor ?? throw Nothing(label) });

    public static CalibrationSample Of(string label, IReadOnlyDictionary<string, CalibrationTensor>? tensors) => new(label, tensors ?? throw Nothing(label));

    private static InvalidDataException Nothing(string label) => new($"The calibration set's {label} is null.");
}
