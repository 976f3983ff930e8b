using Trt.Onnx;

namespace Trt.Utils;

/// <summary>A Concat of one value.</summary>
internal sealed class EliminateNopConcat() : NodePass("eliminate_nop_concat", "Concat of one value goes")
{
    protected override bool Change(EditableGraph graph, NodeProto node) =>
        node.Is("Concat") && node.Input.Count == 1 && node.InputAt(0) is { } value && node.OutputAt(0) is { } output && graph.TryBypass(node, value, output);
}
