using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Why something cannot be shaped, built or run: what becomes an error line and, where a result is due, an exception.</summary>
/// <param name="code">TensorRT's number for it.</param>
/// <param name="category">TensorRT's words for the kind, such as <c>API Usage Error</c>.</param>
/// <param name="text">The reason, beginning with the layer where there is one.</param>
/// <param name="cause">What a user's callback threw, or null.</param>
internal class Refusal(ErrorCode code, string category, string text, Exception? cause = null) : Exception(text, cause)
{
    public const string ApiUsage = "API Usage Error";
    public const string ShapeError = "Shape Error";
    public const string InternalError = "Internal Error";

    public ErrorCode Code { get; } = code;

    public string Category { get; } = category;

    /// <summary>Whether the log has it; later requests are told briefly.</summary>
    public bool IsTold { get; set; }

    /// <summary>A line that comes before the main one and stands for itself, as for weights of a wrong count.</summary>
    public string? Preface { get; init; }

    public static Refusal Api(string text) => new(ErrorCode.InvalidConfig, ApiUsage, text);

    public static Refusal Argument(string text) => new(ErrorCode.InvalidArgument, ApiUsage, text);

    public static Refusal Shape(string text) => new(ErrorCode.InvalidConfig, ShapeError, text);

    public static Refusal Internal(string text) => new(ErrorCode.InternalError, InternalError, text);
}
