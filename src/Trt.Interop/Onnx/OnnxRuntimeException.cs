namespace Trt.Interop;

/// <summary>ONNX Runtime refused a model or tensors, or failed in a run; the message holds its own words.</summary>
public class OnnxRuntimeException : Exception
{
    /// <summary>An exception with ONNX Runtime's reason.</summary>
    /// <param name="message">What was being done, and the reason.</param>
    /// <param name="code">ONNX Runtime's error code, such as 2 for an invalid argument and 9 for an operator that is not implemented.</param>
    /// <param name="innerException">What a kernel in managed code threw, or null.</param>
    public OnnxRuntimeException(string message, int code, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
    }

    /// <summary>ONNX Runtime's error code (OrtErrorCode).</summary>
    public int Code { get; }
}
