namespace Trt.Cpu.OnnxRuntime;

/// <summary>ONNX Runtime refused or failed; the message holds its own words.</summary>
/// <param name="message">What was being done, and ONNX Runtime's reason.</param>
/// <param name="code">ONNX Runtime's error code, such as 2 for an invalid argument and 9 for an operator that is not implemented.</param>
/// <param name="inner">What a managed kernel threw, or null.</param>
internal sealed class OrtException(string message, int code, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>ONNX Runtime's error code (OrtErrorCode).</summary>
    public int Code { get; } = code;
}
