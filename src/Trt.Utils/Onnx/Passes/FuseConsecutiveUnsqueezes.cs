using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Unsqueeze(Unsqueeze(x, a), b): one that puts in both.</summary>
internal sealed class FuseConsecutiveUnsqueezes() : NodePass("fuse_consecutive_unsqueezes", "Unsqueeze of Unsqueeze becomes one")
{
    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("Unsqueeze") || graph.Producer(node.InputAt(0), "Unsqueeze") is not { } first || first.InputAt(0) is not { } value
            || !PassAxes.TryGet(graph, first, out long[]? before) || !PassAxes.TryGet(graph, node, out long[]? after) || before is null || after is null)
        {
            return false;
        }

        int? rank = graph.RankOf(value);
        if (PassAxes.FromFront(before, rank + before.Length) is not { } inner || PassAxes.FromFront(after, rank + before.Length + after.Length) is not { } outer)
        {
            return false;
        }

        List<long> all = [.. outer];
        foreach (long axis in inner)
        {
            long counted = axis;
            foreach (long later in outer)
            {
                counted += later <= counted ? 1 : 0;
            }

            all.Add(counted);
        }

        all.Sort();
        PassAxes.Set(graph, node, [.. all]);
        graph.SetInput(node, 0, value);
        graph.RemoveIfUnused(first);
        return true;
    }
}
