using Trt.Onnx;

namespace Trt.Utils;

/// <summary>A Transpose that moves no axis.</summary>
internal sealed class EliminateNopTranspose() : NodePass("eliminate_nop_transpose", "Transpose that moves no axis goes")
{
    protected override bool Change(EditableGraph graph, NodeProto node) =>
        node.Is("Transpose") && node.InputAt(0) is { } value && node.OutputAt(0) is { } output
        && PassAxes.Permutation(graph, node) is { } permutation && permutation.Select((from, to) => from == to).All(same => same)
        && graph.TryBypass(node, value, output);
}
