using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Log(Softmax(x)) = LogSoftmax(x).</summary>
internal sealed class FuseConsecutiveLogSoftmax() : NodePass("fuse_consecutive_log_softmax", "Log of Softmax becomes LogSoftmax")
{
    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("Log") || node.OutputAt(0) is not { } output || graph.Producer(node.InputAt(0), "Softmax") is not { } softmax || !graph.HasOneUse(node.Input[0]))
        {
            return false;
        }

        softmax.OpType = "LogSoftmax";
        graph.HandOver(node, softmax, 0, output);
        return true;
    }
}
