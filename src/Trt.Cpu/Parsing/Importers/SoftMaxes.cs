using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Softmax and its logarithm.</summary>
internal static class SoftMaxes
{
    public static void Register(ImporterTable table)
    {
        table.Add("Softmax", node => Shaped(node, Normal(node)));
        table.Add("LogSoftmax", node => Shaped(node, node.Unary(Normal(node), UnaryOperation.Log)));
    }

    private static ITensor Shaped(ImportNode node, ITensor y) => node.Out(ShapeValues.Of(node, node.Tensor(0)).Shuffle(node, y), "ONNXTRT_ShapeShuffle");

    private static ITensor Normal(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        bool flattens = node.Opset < 13;
        int axis = node.Axis(node.Int("axis", flattens ? 1 : -1), rank);
        if (flattens)
        {
            // Old versions see a matrix whose rows are normalized.
            ShapeValues shape = ShapeValues.Of(node, x);
            ShapeValues matrix = ShapeValues.Concatenate(node, shape.Product(node, 0, axis), shape.Product(node, axis, rank));
            x = matrix.IsKnown && matrix.Parameter == x.Dimensions ? x : node.Out(matrix.Shuffle(node, x), "ONNXTRT_flattenTensor");
            axis = 1;
        }

        ISoftMaxLayer layer = node.Network.AddSoftMax(x);
        layer.Axes = 1u << axis;
        return node.Out(layer);
    }
}
