using Trt.Interop;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>What a status of ONNX Runtime's C functions said.</summary>
/// <param name="message">What was being done, and ONNX Runtime's reason.</param>
/// <param name="code">ONNX Runtime's error code, such as 2 for an invalid argument and 9 for an operator that is not implemented.</param>
/// <param name="inner">What a managed kernel threw, or null.</param>
internal sealed class OrtException(string message, int code, Exception? inner = null) : OnnxRuntimeException(message, code, inner);
