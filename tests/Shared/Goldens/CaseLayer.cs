using Trt.Interop;

namespace Trt.Tests.Goldens;

/// <summary>A layer as the network tells it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Inputs">Names of its inputs; null for one that is left out.</param>
/// <param name="Outputs">Its outputs.</param>
internal sealed record CaseLayer(string Name, LayerType Type, List<string?> Inputs, List<CaseTensor> Outputs);
