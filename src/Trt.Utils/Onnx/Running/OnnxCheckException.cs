namespace Trt.Utils;

/// <summary>A changed ONNX model gives other outputs than it gave before, or cannot be run any more; it was left as it was.</summary>
public sealed class OnnxCheckException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">Which output differs, where and by how much.</param>
    /// <param name="innerException">What ONNX Runtime said, or null.</param>
    public OnnxCheckException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
