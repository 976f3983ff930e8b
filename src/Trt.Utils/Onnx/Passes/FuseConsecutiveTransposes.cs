using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Transpose(Transpose(x, p), q) = Transpose(x, p∘q).</summary>
internal sealed class FuseConsecutiveTransposes() : NodePass("fuse_consecutive_transposes", "Transpose of Transpose becomes one")
{
    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("Transpose") || graph.Producer(node.InputAt(0), "Transpose") is not { } first || first.InputAt(0) is not { } value)
        {
            return false;
        }

        long[]? before = PassAxes.Permutation(graph, first), after = PassAxes.Permutation(graph, node) ?? (before is null ? null : [.. before.Select((_, axis) => (long)(before.Length - 1 - axis))]);
        if (before is null || after is null || before.Length != after.Length || after.Any(axis => axis < 0 || axis >= before.Length))
        {
            return false;
        }

        node.Set("perm", after.Select(axis => before[axis]));
        graph.SetInput(node, 0, value);
        graph.RemoveIfUnused(first);
        return true;
    }
}
