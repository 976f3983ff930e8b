namespace Trt.Utils;

/// <summary>How <see cref="OnnxExporter"/> writes networks; the defaults are those that PyTorch users know from <c>torch.onnx.export</c>.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>
    /// Extents of the inputs in their order: numbers, −1 for a dynamic one, or a symbol for a dynamic one with that name. Null, or fewer shapes than inputs: those of the network.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<OnnxDim>>? InputShapes { get; init; }

    /// <summary>Names of the inputs in their order; null for <c>input</c> where there is one, and the network's names where there are several.</summary>
    public IReadOnlyList<string>? InputNames { get; init; }

    /// <summary>Names of the outputs in their order; null for <c>output</c> where there is one, and the network's names where there are several.</summary>
    public IReadOnlyList<string>? OutputNames { get; init; }

    /// <summary>Version of ONNX's operators, 11 to 23.</summary>
    public int OpsetVersion { get; init; } = 11;

    /// <summary>Whether the weights are in the model; otherwise they are inputs of it.</summary>
    public bool ExportParams { get; init; } = true;

    /// <summary>Whether what depends on constants only is computed. ONNX Runtime does it.</summary>
    public bool DoConstantFolding { get; init; } = true;

    /// <summary>Whether the model is simplified too, and its outputs compared; null for not.</summary>
    public OnnxSimplifyOptions? Simplify { get; init; }

    /// <summary>Where weights go; null for the defaults.</summary>
    public OnnxSaveOptions? Save { get; init; }
}
