using System.Collections.Immutable;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>A Reshape to the shape that the value has.</summary>
internal sealed class EliminateNopReshape() : NodePass("eliminate_nop_reshape", "Reshape to the shape that a value has goes")
{
    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("Reshape") || node.InputAt(0) is not { } value || node.OutputAt(0) is not { } output
            || graph.TypeOf(value) is not { Dims: { IsDefault: false } dims } || (node.Ints("shape") ?? graph.Integers(node.InputAt(1))) is not { } shape || shape.Length != dims.Length)
        {
            return false;
        }

        bool zeroIsCopy = node.Int("allowzero", 0) == 0;
        int inferred = 0;
        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] == -1)
            {
                inferred++;
            }
            else if (!(shape[i] == 0 && zeroIsCopy) && dims[i].Value != shape[i])
            {
                return false;
            }
        }

        // One extent that follows from the others is what it was, unless there are no elements at all.
        return (inferred == 0 || (inferred == 1 && (shape.Length == 1 || dims.All(dim => dim.Value != 0)))) && graph.TryBypass(node, value, output);
    }
}
