using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Constants of the same type, dimensions and bits become one.</summary>
internal sealed class EliminateDuplicateInitializer : GraphPass
{
    public override string Name => "eliminate_duplicate_initializer";

    public override string Summary => "equal initializers become one";

    public override int Run(EditableGraph graph)
    {
        int changes = 0;
        foreach (IGrouping<string, TensorProto> alike in graph.Initializers.Where(tensor => graph.IsConstant(tensor.Name) && !graph.IsOutput(tensor.Name))
            .GroupBy(tensor => $"{tensor.DataType} {string.Join(' ', tensor.Dims)}", StringComparer.Ordinal).Where(group => group.Skip(1).Any()).ToArray())
        {
            Dictionary<int, List<(TensorProto Tensor, OnnxTensor Values)>> kept = [];
            foreach (TensorProto tensor in alike)
            {
                OnnxTensor values = graph.Model.Contents.Read(tensor);
                int hash = Hash(values);
                if (!kept.TryGetValue(hash, out List<(TensorProto Tensor, OnnxTensor Values)>? candidates))
                {
                    kept.Add(hash, candidates = []);
                }

                if (candidates.Find(candidate => AreEqual(candidate.Values, values)).Tensor is not { } first)
                {
                    candidates.Add((tensor, values));
                }
                else if (graph.TryReplaceUses(tensor.Name, first.Name))
                {
                    graph.RemoveInitializer(tensor);
                    changes++;
                }
            }
        }

        return changes;
    }

    private static int Hash(OnnxTensor tensor)
    {
        const int enough = 4096; // equal ones are compared whole anyway
        HashCode hash = default;
        if (tensor.ElementType == OnnxElementType.String)
        {
            foreach (string text in tensor.Strings)
            {
                hash.Add(text, StringComparer.Ordinal);
            }
        }
        else if (tensor.ByteCount <= int.MaxValue)
        {
            ReadOnlySpan<byte> bytes = tensor.AsBytes();
            hash.AddBytes(bytes[..Math.Min(bytes.Length, enough)]);
            hash.AddBytes(bytes[Math.Max(0, bytes.Length - enough)..]);
        }

        GC.KeepAlive(tensor);
        return hash.ToHashCode();
    }

    private static bool AreEqual(OnnxTensor left, OnnxTensor right) => left.ElementType == OnnxElementType.String
        ? left.Strings.SequenceEqual(right.Strings, StringComparer.Ordinal)
        : left.ByteCount <= int.MaxValue && left.AsBytes().SequenceEqual(right.AsBytes());
}
