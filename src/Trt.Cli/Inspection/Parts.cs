namespace Trt.Cli;

/// <summary>What of a file is shown beyond the usual.</summary>
/// <param name="Layers">Nodes of an ONNX model, layers of an engine.</param>
/// <param name="Attributes">Attributes of an ONNX model's nodes.</param>
/// <param name="Weights">Constants of an ONNX model.</param>
/// <param name="Library">What loads a plan for its layers; the value of <c>--library</c>.</param>
internal sealed record Parts(bool Layers = false, bool Attributes = false, bool Weights = false, string? Library = null)
{
    public static Parts All { get; } = new(Layers: true, Attributes: true, Weights: true);
}
