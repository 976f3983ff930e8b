namespace Trt.Generator.Model;

/// <summary>A model file that cannot be read.</summary>
internal sealed class ModelFormatException(string message, Exception? inner = null) : Exception(message, inner);
