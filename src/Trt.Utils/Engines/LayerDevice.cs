using Trt.Interop;

namespace Trt.Utils;

/// <summary>The device on which layers run.</summary>
/// <param name="Layers">A layer's name, with at most one <c>*</c> that stands for anything.</param>
/// <param name="Device">The device.</param>
public sealed record LayerDevice(string Layers, DeviceType Device);
