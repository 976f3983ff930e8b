using Trt.Onnx;

namespace Trt.Utils;

/// <summary>A reduction whose axes are put back by Unsqueeze: the reduction keeps them.</summary>
internal sealed class FuseConsecutiveReduceUnsqueeze() : NodePass("fuse_consecutive_reduce_unsqueeze", "a reduction keeps the axes that Unsqueeze puts back")
{
    private static readonly HashSet<string> Reductions = ["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"];

    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("Unsqueeze") || node.OutputAt(0) is not { } output || graph.Producer(node.InputAt(0)) is not { } reduce || !reduce.IsStandard() || !Reductions.Contains(reduce.OpType)
            || !graph.HasOneUse(node.Input[0]) || reduce.Int("keepdims", 1) != 0
            || !PassAxes.TryGet(graph, node, out long[]? added) || !PassAxes.TryGet(graph, reduce, out long[]? reduced) || added is null || reduced is not { Length: > 0 } || added.Length != reduced.Length)
        {
            return false;
        }

        // Both count within the rank before the reduction, which is the rank after Unsqueeze.
        int? rank = graph.RankOf(reduce.InputAt(0));
        if (!added.Order().SequenceEqual(reduced.Order()) && (PassAxes.FromFront(added, rank) is not { } put || PassAxes.FromFront(reduced, rank) is not { } taken || !put.SequenceEqual(taken)))
        {
            return false;
        }

        reduce.Set("keepdims", 1);
        graph.HandOver(node, reduce, 0, output);
        return true;
    }
}
