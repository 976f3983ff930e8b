namespace Trt.Utils;

/// <summary>What a persistent id stands for: a range of a storage, with the element type under which the checkpoint names it.</summary>
/// <param name="Storage">The storage.</param>
/// <param name="DType">Element type; <see cref="TorchDType.UInt8"/> for untyped storages.</param>
/// <param name="FirstByte">Where the range begins in the storage.</param>
/// <param name="ByteLength">Bytes of the range.</param>
internal sealed record StorageView(TorchStorage Storage, TorchDType DType, long FirstByte, long ByteLength);
