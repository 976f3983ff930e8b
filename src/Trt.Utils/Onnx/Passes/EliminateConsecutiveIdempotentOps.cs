using Trt.Onnx;

namespace Trt.Utils;

/// <summary>What was done once needs no second time: Relu(Relu(x)) = Relu(x), Reshape(Reshape(x, a), b) = Reshape(x, b).</summary>
internal sealed class EliminateConsecutiveIdempotentOps() : NodePass("eliminate_consecutive_idempotent_ops", "Ceil, Floor, Round, Relu or Reshape done twice is done once")
{
    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (node.OpType is not ("Ceil" or "Floor" or "Round" or "Relu" or "Reshape") || graph.Producer(node.InputAt(0), node.OpType) is not { } first || first.InputAt(0) is not { } value)
        {
            return false;
        }

        if (node.OpType == "Reshape")
        {
            // A 0 copies an extent of what is reshaped, which would be another one.
            if ((node.Ints("shape") ?? graph.Integers(node.InputAt(1))) is not { } shape || (shape.Contains(0) && node.Int("allowzero", 0) == 0))
            {
                return false;
            }

            graph.SetInput(node, 0, value);
            graph.RemoveIfUnused(first);
            return true;
        }

        return node.OutputAt(0) is { } output && graph.TryBypass(node, node.Input[0], output);
    }
}
