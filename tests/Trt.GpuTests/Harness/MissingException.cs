namespace Trt.GpuTests;

/// <summary>Something that a case needs is not here: the case is skipped, with this message as the reason.</summary>
internal sealed class MissingException(string message) : Exception(message);
