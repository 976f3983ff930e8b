using System.Collections.Immutable;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>
/// A Reshape to a computed shape of which all extents but one are known: the shape becomes a constant, with −1 for the one that follows from the others, and 0 for
/// those that are extents of what is reshaped, in the same place. Dynamic extents stay dynamic.
/// </summary>
internal sealed class FuseConcatIntoReshape : GraphPass
{
    public override string Name => "fuse_concat_into_reshape";

    public override string Summary => "the shape of a Reshape becomes a constant with 0 and −1 where all extents but one are known or copied";

    public override int Run(EditableGraph graph)
    {
        int changes = 0;
        ShapeNumbers shapes = new(graph);
        foreach (NodeProto node in graph.Nodes)
        {
            if (node.Is("Reshape") && node.InputAt(1) is { } input && !graph.IsConstant(input) && shapes.Of(input) is { IsScalar: false } shape
                && Constant(shape.Numbers, graph.TypeOf(node.InputAt(0)), node.Int("allowzero", 0) == 0) is { } constant)
            {
                graph.SetInput(node, 1, graph.AddInitializer($"{node.Output[0]}_shape", OnnxTensor.From(constant)));
                changes++;
            }
        }

        return changes;
    }

    private static long[]? Constant(ImmutableArray<ShapeNumber> shape, TensorType? source, bool zeroIsCopy)
    {
        long[] constant = new long[shape.Length];
        int inferred = 0;
        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i].Value is { } value)
            {
                constant[i] = value;
                inferred += value == -1 ? 1 : 0;
            }
            else if (zeroIsCopy && shape[i].Symbol.Length > 0 && source is { Dims: { IsDefault: false } dims } && i < dims.Length && dims[i].Symbol == shape[i].Symbol)
            {
                constant[i] = 0;
            }
            else
            {
                constant[i] = -1;
                inferred++;
            }
        }

        return inferred <= 1 ? constant : null;
    }
}
