using Trt.Interop;

namespace Trt.Lite;

/// <summary>An output of the model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The element type.</param>
/// <param name="HasBatch">Whether its first axis is the batch.</param>
internal sealed record OutputInfo(string Name, DataType Type, bool HasBatch);
