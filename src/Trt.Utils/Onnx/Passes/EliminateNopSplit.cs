using Trt.Onnx;

namespace Trt.Utils;

/// <summary>A Split into one part.</summary>
internal sealed class EliminateNopSplit() : NodePass("eliminate_nop_split", "Split into one part goes")
{
    protected override bool Change(EditableGraph graph, NodeProto node) =>
        node.Is("Split") && node.Output.Count == 1 && node.InputAt(0) is { } value && node.OutputAt(0) is { } output && graph.TryBypass(node, value, output);
}
