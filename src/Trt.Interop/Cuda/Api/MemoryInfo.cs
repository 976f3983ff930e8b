namespace Trt.Interop.Cuda;

/// <summary>How much memory a device has.</summary>
/// <param name="FreeBytes">What can still be allocated, by all processes.</param>
/// <param name="TotalBytes">What the device has.</param>
public readonly record struct MemoryInfo(long FreeBytes, long TotalBytes);
