using Trt.Onnx;

namespace Trt.Utils;

/// <summary>
/// The greatest of values that all went through a rising function is where the greatest was before: ArgMax(Softmax(x)) = ArgMax(x). Where the function rounds two values to
/// one, the first of them was chosen before, and the greater is now.
/// </summary>
internal sealed class EliminateNopMonotoneArgmax() : NodePass("eliminate_nop_monotone_argmax", "ArgMax reads what was before Log, Exp, Sqrt, Softmax or LogSoftmax")
{
    private const int SoftmaxOfOneAxis = 13;

    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("ArgMax") || graph.Producer(node.InputAt(0)) is not { } function || !function.IsStandard() || function.InputAt(0) is not { } value || !graph.HasOneUse(node.Input[0]))
        {
            return false;
        }

        if (function.OpType is "Softmax" or "LogSoftmax" ? !SharesScale(graph, node, function) : function.OpType is not ("Log" or "Exp" or "Sqrt"))
        {
            return false;
        }

        graph.SetInput(node, 0, value);
        graph.Remove(function);
        return true;
    }

    /// <summary>Whether all values that are compared were divided by the same sum. Before operator set 13 the sum was over the axis and all behind it.</summary>
    private static bool SharesScale(EditableGraph graph, NodeProto argMax, NodeProto softmax)
    {
        bool one = graph.Model.Opset >= SoftmaxOfOneAxis;
        long wanted = PassAxes.One(graph, softmax, one ? -1 : 1), axis = PassAxes.FromFront(argMax.Int("axis", 0), graph.RankOf(softmax.InputAt(0))) ?? argMax.Int("axis", 0);
        return axis == wanted || (!one && axis >= 0 && wanted >= 0 && axis > wanted);
    }
}
