using System.Collections.Immutable;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>A Flatten of a matrix that stays as it is.</summary>
internal sealed class EliminateNopFlatten() : NodePass("eliminate_nop_flatten", "Flatten of what is flat goes")
{
    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("Flatten") || node.InputAt(0) is not { } value || node.OutputAt(0) is not { } output || graph.TypeOf(value) is not { Dims: { IsDefault: false, Length: 2 } dims })
        {
            return false;
        }

        return PassAxes.One(graph, node, 1) switch
        {
            1 => true,
            0 => dims[0].Value == 1,
            2 => dims[1].Value == 1,
            _ => false,
        } && graph.TryBypass(node, value, output);
    }
}
