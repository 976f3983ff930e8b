using Trt.Onnx;

namespace Trt.Utils;

/// <summary>y = Identity(x): readers of y read x.</summary>
internal sealed class EliminateIdentity() : NodePass("eliminate_identity", "Identity goes")
{
    protected override bool Change(EditableGraph graph, NodeProto node) =>
        node.Is("Identity") && node.InputAt(0) is { } value && node.OutputAt(0) is { } output && graph.TryBypass(node, value, output);
}
