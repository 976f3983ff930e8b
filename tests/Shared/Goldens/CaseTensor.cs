using Trt.Interop;

namespace Trt.Tests.Goldens;

/// <summary>A tensor as the network tells it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Dims">Its shape, unknown where there is none.</param>
/// <param name="Type">Its element type.</param>
/// <param name="IsShape">Whether its values decide shapes.</param>
/// <param name="IsExecution">Whether it is computed with.</param>
internal sealed record CaseTensor(string Name, Dims Dims, DataType Type, bool IsShape, bool IsExecution);
