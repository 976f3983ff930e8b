using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Arithmetic with the number that changes nothing: x + 0, x − 0, x · 1, x / 1, x ^ 1, x or false, x and true.</summary>
internal sealed class EliminateNopWithUnit() : NodePass("eliminate_nop_with_unit", "arithmetic with 0 or 1 that changes nothing goes")
{
    private const int ImplicitBroadcast = 7;

    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        (double unit, bool commutes) = node.OpType switch
        {
            "Add" or "Or" => (0.0, true),
            "Sub" => (0.0, false),
            "Mul" or "And" => (1.0, true),
            "Div" or "Pow" => (1.0, false),
            _ => (double.NaN, false),
        };
        return !double.IsNaN(unit) && node.Input.Count == 2 && graph.Model.Opset >= ImplicitBroadcast && node.OutputAt(0) is { } output
            && ((IsUnit(graph, node.Input[1], node.Input[0], unit) && graph.TryBypass(node, node.Input[0], output))
                || (commutes && IsUnit(graph, node.Input[0], node.Input[1], unit) && graph.TryBypass(node, node.Input[1], output)));
    }

    /// <summary>Whether a constant is the number everywhere, and makes the other value no larger.</summary>
    private static bool IsUnit(EditableGraph graph, string constant, string other, double unit)
    {
        if (graph.ConstantOf(constant) is not { } tensor || tensor.Dims.Any(dim => dim != 1) || (tensor.Dims.Count > 0 && !(graph.RankOf(other) >= tensor.Dims.Count)))
        {
            return false;
        }

        return FloatNumbers.Supports((OnnxElementType)tensor.DataType)
            ? FloatNumbers.Read(graph.Model.Contents.Read(tensor))[0] == unit
            : graph.Integers(constant) is [var value] && value == (long)unit;
    }
}
