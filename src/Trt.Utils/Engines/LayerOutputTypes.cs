using Trt.Interop;

namespace Trt.Utils;

/// <summary>The types of what layers give.</summary>
/// <param name="Layers">A layer's name, with at most one <c>*</c> that stands for anything.</param>
/// <param name="Types">A type for each output; a single one counts for all.</param>
public sealed record LayerOutputTypes(string Layers, params IReadOnlyList<DataType> Types);
