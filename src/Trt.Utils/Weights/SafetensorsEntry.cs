using System.Collections.Immutable;

namespace Trt.Utils;

/// <summary>A tensor as the header of a .safetensors file describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Dimensions.</param>
/// <param name="Begin">Bytes of the data before it.</param>
/// <param name="End">Bytes of the data up to its end.</param>
internal sealed record SafetensorsEntry(string Name, TorchDType DType, ImmutableArray<long> Shape, long Begin, long End);
