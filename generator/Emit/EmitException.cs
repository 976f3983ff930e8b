namespace Trt.Generator.Emit;

/// <summary>The models and the annotations do not say enough, or contradict each other.</summary>
internal sealed class EmitException(string message) : Exception(message);
