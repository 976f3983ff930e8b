using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>A Dropout that drops nothing: outside of training, or with a ratio of 0, as long as nobody wants its mask.</summary>
internal sealed class EliminateNopDropout() : NodePass("eliminate_nop_dropout", "Dropout goes, outside of training or with ratio 0")
{
    private const int InferenceOnly = 7; // from this operator set on a Dropout does nothing, until training_mode came with 12

    protected override bool Change(EditableGraph graph, NodeProto node) =>
        node.Is("Dropout") && node.InputAt(0) is { } value && node.OutputAt(0) is { } output
        && (!Trains(graph, node) || Ratio(graph, node) == 0) && graph.TryBypass(node, value, output);

    private static bool Trains(EditableGraph graph, NodeProto node) => graph.Model.Opset < InferenceOnly
        ? node.Int("is_test", 0) == 0
        : node.InputAt(2) is { } mode && graph.Integers(mode) is not [0];

    private static double Ratio(EditableGraph graph, NodeProto node) => node.InputAt(1) is not { } ratio
        ? node.Float("ratio", 0.5f)
        : graph.Constant(ratio) is { ElementCount: 1 } constant && FloatNumbers.Supports(constant.ElementType) ? FloatNumbers.Read(constant)[0] : double.NaN;
}
