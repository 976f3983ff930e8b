using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Values of constants in a graph.</summary>
internal static class GraphConstants
{
    private const int LongestShape = 4096;

    public static bool IsConstant(this EditableGraph graph, string? name) => graph.ConstantOf(name) is not null;

    /// <summary>A constant's elements; null when it is none.</summary>
    public static OnnxTensor? Constant(this EditableGraph graph, string? name) => graph.ConstantOf(name) is { } tensor ? graph.Model.Contents.Read(tensor) : null;

    /// <summary>The values of a constant of integers or booleans; null when it is none, or too long for a shape.</summary>
    public static long[]? Integers(this EditableGraph graph, string? name)
    {
        if (graph.ConstantOf(name) is not { } tensor || tensor.Dims.Aggregate(1.0, (product, dim) => product * dim) > LongestShape)
        {
            return null;
        }

        return (OnnxElementType)tensor.DataType switch
        {
            OnnxElementType.Int64 => graph.Model.Contents.Read(tensor).ToArray<long>(),
            OnnxElementType.Int32 => Array.ConvertAll(graph.Model.Contents.Read(tensor).ToArray<int>(), value => (long)value),
            OnnxElementType.Bool => Array.ConvertAll(graph.Model.Contents.Read(tensor).AsBytes().ToArray(), value => value == 0 ? 0L : 1L),
            _ => null,
        };
    }
}
