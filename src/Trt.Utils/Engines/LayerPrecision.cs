using Trt.Interop;

namespace Trt.Utils;

/// <summary>The type in which layers compute.</summary>
/// <param name="Layers">A layer's name, with at most one <c>*</c> that stands for anything.</param>
/// <param name="Type">The type.</param>
public sealed record LayerPrecision(string Layers, DataType Type);
