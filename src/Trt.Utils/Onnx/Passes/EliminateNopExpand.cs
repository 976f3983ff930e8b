using Trt.Onnx;

namespace Trt.Utils;

/// <summary>An Expand that repeats nothing.</summary>
internal sealed class EliminateNopExpand() : NodePass("eliminate_nop_expand", "Expand that repeats nothing goes")
{
    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("Expand") || node.InputAt(0) is not { } value || node.OutputAt(0) is not { } output
            || graph.TypeOf(value) is not { Dims: { IsDefault: false } dims } || graph.Integers(node.InputAt(1)) is not { } shape || shape.Length > dims.Length)
        {
            return false;
        }

        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] != 1 && dims[dims.Length - shape.Length + i].Value != shape[i])
            {
                return false;
            }
        }

        return graph.TryBypass(node, value, output);
    }
}
