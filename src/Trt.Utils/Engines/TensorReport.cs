using Trt.Interop;

namespace Trt.Utils;

/// <summary>An input or output of an engine.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Extents; −1 where only the run knows.</param>
/// <param name="Format">Its layout in memory in the library's words; null when the engine was not loaded.</param>
/// <param name="IsShapeTensor">Whether its values decide shapes and are read on the host.</param>
public sealed record TensorReport(string Name, DataType Type, IReadOnlyList<long> Shape, string? Format, bool IsShapeTensor);
