namespace Trt.Utils;

/// <summary>What an engine was built from.</summary>
/// <param name="Kind"><c>onnx</c>, <c>network</c> or <c>weights</c>.</param>
/// <param name="Name">Path or name.</param>
/// <param name="Sha256">Hash of the model with all that lies beside it; null when it cannot be told.</param>
public sealed record SourceReport(string Kind, string Name, string? Sha256);
