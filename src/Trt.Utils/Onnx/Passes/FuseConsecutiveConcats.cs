using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Concat(…, Concat(a, b), …) along one axis: the outer one takes a and b.</summary>
internal sealed class FuseConsecutiveConcats() : NodePass("fuse_consecutive_concats", "Concat of Concat along one axis becomes one")
{
    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("Concat"))
        {
            return false;
        }

        for (int i = 0; i < node.Input.Count; i++)
        {
            if (graph.Producer(node.Input[i], "Concat") is { } inner && graph.HasOneUse(node.Input[i]) && PassAxes.One(graph, inner, 1) == PassAxes.One(graph, node, 1))
            {
                string[] inputs = [.. node.Input.Take(i), .. inner.Input, .. node.Input.Skip(i + 1)];
                graph.SetInputs(node, inputs);
                graph.Remove(inner);
                return true;
            }
        }

        return false;
    }
}
