namespace Trt.Utils;

/// <summary>A Python global that a checkpoint may name: what it does is decided here, not in the file.</summary>
/// <param name="Name">Module and name, for messages.</param>
/// <param name="Kind">What calling it makes.</param>
/// <param name="Storage">Element type, for the storage classes.</param>
internal sealed record TorchGlobal(string Name, TorchGlobalKind Kind, TorchDType Storage = TorchDType.UInt8);
