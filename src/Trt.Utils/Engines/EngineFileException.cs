namespace Trt.Utils;

/// <summary>A plan's file does not fit: to the JSON beside it, or to the library and GPU that are to run it.</summary>
public sealed class EngineFileException : Exception
{
    /// <summary>A misfit.</summary>
    /// <param name="message">What does not fit to what, and what to do.</param>
    /// <param name="innerException">Its cause, or null.</param>
    public EngineFileException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
