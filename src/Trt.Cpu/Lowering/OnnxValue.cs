using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A value of an ONNX graph under construction.</summary>
/// <param name="Name">Its name; empty for an optional input that is left out.</param>
/// <param name="Type">Its element type.</param>
internal readonly record struct OnnxValue(string Name, DataType Type)
{
    /// <summary>An optional input that is left out.</summary>
    public static OnnxValue None { get; } = new(string.Empty, DataType.Float);
}
