using Trt.Interop;

namespace Trt.Lite;

/// <summary>Device memory that one run uses as it is.</summary>
/// <param name="Values">The memory.</param>
/// <param name="Shape">With batch, where the input has one.</param>
internal sealed record DeviceItem(DeviceValues Values, Dims Shape);
