namespace Trt.Utils;

/// <summary>A library's parser refused an ONNX model.</summary>
public sealed class OnnxParseException : Exception
{
    private const int Shown = 5;

    /// <summary>A refusal.</summary>
    /// <param name="model">The model's file or name.</param>
    /// <param name="errors">What the parser said.</param>
    /// <param name="innerException">The call's own exception, or null.</param>
    public OnnxParseException(string model, IReadOnlyList<OnnxParseError> errors, Exception? innerException = null)
        : base(Text(model, errors, innerException), innerException)
    {
        Errors = errors;
    }

    /// <summary>What the parser said, in its order.</summary>
    public IReadOnlyList<OnnxParseError> Errors { get; }

    private static string Text(string model, IReadOnlyList<OnnxParseError> errors, Exception? inner)
    {
        ArgumentNullException.ThrowIfNull(errors);
        string[] lines = errors.Count > 0 ? [.. errors.Take(Shown).Select(error => error.ToString())] : [inner?.Message ?? "the parser gave no reason."];
        string more = errors.Count > Shown ? $"{Environment.NewLine}and {errors.Count - Shown} more" : string.Empty;
        return $"{model} cannot be parsed: {string.Join(Environment.NewLine, lines)}{more}";
    }
}
