namespace Trt.Utils;

/// <summary>A file or block of bytes is no ONNX model that can be used: damaged, cut off, contradictory, or with external data where none may be.</summary>
/// <remarks>The message is a sentence that begins with the model's path, where it has one.</remarks>
public sealed class OnnxFormatException : FormatException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="source">The model's path, or what else it is.</param>
    /// <param name="problem">What is wrong, as a sentence without the path.</param>
    /// <param name="inner">The error below this one; may be null.</param>
    public OnnxFormatException(string source, string problem, Exception? inner = null)
        : base($"{source}: {problem}", inner)
    {
    }
}
