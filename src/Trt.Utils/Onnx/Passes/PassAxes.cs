using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Axes, which are attributes in older operator sets and inputs in newer ones.</summary>
internal static class PassAxes
{
    /// <summary>Axes of a node.</summary>
    /// <param name="graph">The node's graph.</param>
    /// <param name="node">A node that has axes as an attribute or in its second input.</param>
    /// <param name="axes">The axes; null when the node has none.</param>
    /// <returns>False when only a run knows them.</returns>
    public static bool TryGet(EditableGraph graph, NodeProto node, out long[]? axes)
    {
        axes = node.Ints("axes");
        if (axes is not null || node.InputAt(1) is not { } input)
        {
            return true;
        }

        axes = graph.Integers(input);
        return axes is not null;
    }

    /// <summary>Gives a node axes, in the form that it had.</summary>
    public static void Set(EditableGraph graph, NodeProto node, long[] axes)
    {
        if (node.InputAt(1) is not null)
        {
            graph.SetInput(node, 1, graph.AddInitializer($"{node.Output[0]}_axes", OnnxTensor.From(axes)));
        }
        else
        {
            node.Set("axes", axes);
        }
    }

    /// <summary>An axis counted from the front; null where it is counted from the back of an unknown number.</summary>
    public static long? FromFront(long axis, int? rank) => axis >= 0 ? axis : rank is { } known && axis + known >= 0 ? axis + known : null;

    /// <summary>Axes counted from the front, in order; null where that cannot be known.</summary>
    public static long[]? FromFront(long[] axes, int? rank)
    {
        long[] result = new long[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            if (FromFront(axes[i], rank) is not { } axis)
            {
                return null;
            }

            result[i] = axis;
        }

        Array.Sort(result);
        return result;
    }

    /// <summary>The axis of a node that has one, counted from the front where the rank is known, else as it is written.</summary>
    public static long One(EditableGraph graph, NodeProto node, long missing)
    {
        long axis = node.Int("axis", missing);
        return FromFront(axis, graph.RankOf(node.InputAt(0))) ?? axis;
    }

    /// <summary>Where each axis of a transposition comes from; null when that cannot be known.</summary>
    public static long[]? Permutation(EditableGraph graph, NodeProto transpose) =>
        transpose.Ints("perm") ?? (graph.RankOf(transpose.InputAt(0)) is { } rank ? [.. Enumerable.Range(0, rank).Select(axis => (long)(rank - 1 - axis))] : null);
}
