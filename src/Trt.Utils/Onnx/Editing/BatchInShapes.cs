using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Constant shapes that begin with the batch.</summary>
internal static class BatchInShapes
{
    /// <summary>Puts another batch in their place.</summary>
    /// <param name="before">The graph with the old batch, with inferred types.</param>
    /// <param name="graph">The graph to change.</param>
    /// <param name="old">The old batch.</param>
    /// <param name="batch">The new one.</param>
    public static void Replace(EditableGraph before, EditableGraph graph, long old, OnnxDim batch)
    {
        HashSet<string> moving = new(before.Proto.Input.Select(input => input.Name).Where(name => !before.IsConstant(name)), StringComparer.Ordinal);
        foreach (NodeProto node in graph.Nodes)
        {
            if (!NodeSort.Reads(graph, node).Any(moving.Contains))
            {
                continue; // computed from constants only
            }

            moving.UnionWith(node.Output.Where(output => output.Length > 0));
            if (!node.IsStandard() || node.OpType is not ("Reshape" or "Expand") || graph.Integers(node.InputAt(1)) is not [var first, ..] || first != old)
            {
                continue;
            }

            long[] shape = graph.Integers(node.InputAt(1))!;
            if (node.OpType == "Reshape")
            {
                shape[0] = ForReshape(before, node, shape, batch);
            }
            else if (old == 1)
            {
                continue; // repeats nothing along the batch, whatever it is
            }
            else
            {
                shape[0] = batch.IsKnown ? batch.Value : throw Refuse(node);
            }

            graph.SetInput(node, 1, graph.AddInitializer($"{node.Output[0]}_shape", OnnxTensor.From(shape)));
        }
    }

    /// <summary>0 where what is reshaped begins with the batch too, so that it is copied, else −1 where no other extent is left open, else the number.</summary>
    private static long ForReshape(EditableGraph before, NodeProto node, long[] shape, OnnxDim batch)
    {
        bool zeroIsCopy = node.Int("allowzero", 0) == 0;
        if (zeroIsCopy && before.TypeOf(node.InputAt(0)) is { Dims: { IsDefault: false, Length: > 0 } dims } && dims[0].Value == shape[0])
        {
            return 0;
        }

        return !shape.Contains(-1) ? -1 : batch.IsKnown ? batch.Value : throw Refuse(node);
    }

    private static InvalidOperationException Refuse(NodeProto node) => new($"Node \"{node.Name}\" ({node.OpType} to {node.Output.FirstOrDefault()}) holds the batch in a constant shape that cannot be left open.");
}
