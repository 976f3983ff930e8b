using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>An If whose condition is a constant: the nodes of the branch that is taken stand in its stead.</summary>
internal sealed class EliminateIfWithConstCond() : NodePass("eliminate_if_with_const_cond", "If with a constant condition becomes the branch that is taken")
{
    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("If") || graph.Constant(node.InputAt(0)) is not { ElementType: OnnxElementType.Bool, ElementCount: >= 1 } condition)
        {
            return false;
        }

        GraphProto? branch = node.Attribute(condition.AsBytes()[0] != 0 ? "then_branch" : "else_branch")?.G;
        if (branch is null || branch.Input.Count > 0 || branch.SparseInitializer.Count > 0 || branch.Output.Count < node.Output.Count)
        {
            return false;
        }

        graph.Remove(node);
        BranchInlining.Inline(graph, branch, node);
        return true;
    }
}
