using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Tensors computed from shapes whose numbers are all known become constants.</summary>
/// <param name="name">The name by which it is asked for.</param>
/// <param name="summary">What it does, in half a sentence.</param>
/// <param name="ops">Operators that it looks at.</param>
internal sealed class EliminateKnownShape(string name, string summary, params string[] ops) : GraphPass
{
    public override string Name => name;

    public override string Summary => summary;

    public override int Run(EditableGraph graph)
    {
        int changes = 0;
        ShapeNumbers shapes = new(graph);
        foreach (NodeProto node in graph.Nodes)
        {
            if (!node.IsStandard() || !ops.Contains(node.OpType) || node.OutputAt(0) is not { } output || graph.IsOutput(output)
                || shapes.Of(output) is not var (numbers, isScalar) || numbers.Any(number => number.Value is null))
            {
                continue;
            }

            OnnxElementType type = node.Is("Shape") ? OnnxElementType.Int64 : graph.TypeOf(output)?.Element ?? OnnxElementType.Undefined;
            long[] values = [.. numbers.Select(number => number.Value!.Value)];
            ReadOnlySpan<long> dims = isScalar ? [] : [values.Length];
            OnnxTensor? constant = type switch
            {
                OnnxElementType.Int64 => Tensor(values, dims),
                OnnxElementType.Int32 => Tensor(Array.ConvertAll(values, value => (int)value), dims),
                _ => null,
            };
            if (constant is not null)
            {
                graph.Remove(node);
                graph.AddInitializer(TensorContents.Write(output, constant));
                changes++;
            }
        }

        return changes;
    }

    private static OnnxTensor Tensor<T>(T[] values, ReadOnlySpan<long> dims)
        where T : unmanaged => dims.IsEmpty ? OnnxTensor.Scalar(values[0]) : OnnxTensor.From(values, dims);
}
