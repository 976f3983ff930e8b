using Trt.Onnx;

namespace Trt.Utils;

/// <summary>A Pad by nothing.</summary>
internal sealed class EliminateNopPad() : NodePass("eliminate_nop_pad", "Pad by nothing goes")
{
    protected override bool Change(EditableGraph graph, NodeProto node) =>
        node.Is("Pad") && node.InputAt(0) is { } value && node.OutputAt(0) is { } output
        && (node.Ints("pads") ?? node.Ints("paddings") ?? graph.Integers(node.InputAt(1))) is { } pads && pads.All(pad => pad == 0)
        && graph.TryBypass(node, value, output);
}
