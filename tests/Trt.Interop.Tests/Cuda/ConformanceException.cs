namespace Trt.Interop.Tests.Cuda;

/// <summary>A device API does not do what it must.</summary>
public sealed class ConformanceException(string message) : Exception(message);
