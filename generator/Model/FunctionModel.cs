namespace Trt.Generator.Model;

/// <summary>An exported C function.</summary>
internal sealed record FunctionModel
{
    /// <summary><c>nvinfer</c>, <c>nvinfer_plugin</c>, <c>nvonnxparser</c>, <c>nvparsers</c>, <c>onnxruntime</c>; <c>plugin</c> for what a plugin library exports.</summary>
    public required string Library { get; init; }

    /// <summary>Exported name.</summary>
    public required string Name { get; init; }

    /// <summary>Spelled return type.</summary>
    public required string Returns { get; init; }

    /// <summary>Parameters in order.</summary>
    public IReadOnlyList<ParameterModel> Parameters { get; init; } = [];

    /// <summary>Marked deprecated in the header.</summary>
    public bool IsDeprecated { get; init; }
}
