using Google.Protobuf;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Nodes that compute the same of the same become one.</summary>
internal sealed class EliminateCommonSubexpression : GraphPass
{
    public override string Name => "eliminate_common_subexpression";

    public override string Summary => "nodes that compute the same of the same become one";

    public override int Run(EditableGraph graph)
    {
        int changes = 0;
        Dictionary<Key, NodeProto> seen = [];
        foreach (NodeProto node in graph.Nodes)
        {
            if (!node.IsStandard() || node.OpType == "Constant" || RandomOps.Draws(node) || graph.Bodies(node).Count > 0 || node.Output.Count == 0)
            {
                continue;
            }

            Key key = new(node);
            if (!seen.TryGetValue(key, out NodeProto? first) || !graph.IsAlive(first))
            {
                seen[key] = node;
            }
            else if (Merge(graph, node, first))
            {
                changes++;
            }
        }

        return changes;
    }

    private static bool Merge(EditableGraph graph, NodeProto node, NodeProto first)
    {
        for (int i = 0; i < node.Output.Count; i++)
        {
            if (node.Output[i].Length > 0 && graph.IsUsed(node.Output[i]) && (graph.IsOutput(node.Output[i]) || i >= first.Output.Count || first.Output[i].Length == 0))
            {
                return false;
            }
        }

        for (int i = 0; i < node.Output.Count; i++)
        {
            if (node.Output[i].Length > 0 && graph.IsUsed(node.Output[i]) && !graph.TryReplaceUses(node.Output[i], first.Output[i]))
            {
                return false;
            }
        }

        graph.Remove(node);
        return true;
    }

    /// <summary>What a node computes of what.</summary>
    private sealed class Key : IEquatable<Key>
    {
        private readonly NodeProto node;
        private readonly string[] inputs;
        private readonly ByteString[] attributes;
        private readonly int hash;

        public Key(NodeProto node)
        {
            this.node = node;
            inputs = [.. node.Input];
            attributes = [.. node.Attribute.OrderBy(attribute => attribute.Name, StringComparer.Ordinal).Select(attribute => attribute.ToByteString())];
            HashCode code = default;
            code.Add(node.OpType, StringComparer.Ordinal);
            Array.ForEach(inputs, code.Add);
            Array.ForEach(attributes, code.Add);
            hash = code.ToHashCode();
        }

        public bool Equals(Key? other) => other is not null && other.hash == hash && other.node.OpType == node.OpType && other.inputs.AsSpan().SequenceEqual(inputs) && other.attributes.AsSpan().SequenceEqual(attributes)
            && other.node.Output.Count == node.Output.Count;

        public override bool Equals(object? obj) => Equals(obj as Key);

        public override int GetHashCode() => hash;
    }
}
