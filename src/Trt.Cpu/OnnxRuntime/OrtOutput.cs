namespace Trt.Cpu.OnnxRuntime;

/// <summary>An output as the last run left it; valid until the next run of the binding or its disposal.</summary>
/// <param name="Data">Address of the first element; may be 0 where there are none.</param>
/// <param name="Bytes">Size of the tensor.</param>
/// <param name="Type">What the elements are.</param>
/// <param name="Shape">Dimensions, outermost first; empty for a scalar.</param>
internal readonly record struct OrtOutput(nint Data, long Bytes, OrtElementType Type, long[] Shape);
