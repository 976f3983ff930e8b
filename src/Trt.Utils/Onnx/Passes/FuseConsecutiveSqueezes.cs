using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Squeeze(Squeeze(x, a), b) = Squeeze(x, a and b counted before a went).</summary>
internal sealed class FuseConsecutiveSqueezes() : NodePass("fuse_consecutive_squeezes", "Squeeze of Squeeze becomes one")
{
    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("Squeeze") || graph.Producer(node.InputAt(0), "Squeeze") is not { } first || first.InputAt(0) is not { } value
            || !PassAxes.TryGet(graph, first, out long[]? before) || !PassAxes.TryGet(graph, node, out long[]? after) || before is null || after is null)
        {
            return false;
        }

        int? rank = graph.RankOf(value);
        if (PassAxes.FromFront(before, rank) is not { } gone || PassAxes.FromFront(after, rank - before.Length) is not { } second)
        {
            return false;
        }

        List<long> all = [.. gone];
        foreach (long axis in second)
        {
            long counted = axis;
            foreach (long earlier in gone)
            {
                counted += earlier <= counted ? 1 : 0;
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
