using Trt.Onnx;

namespace Trt.Utils;

/// <summary>
/// Nodes with graphs in them say which values of the graph around those read, in their metadata under <c>__control_inputs</c>. (As an attribute, which onnxoptimizer makes of
/// it, runtimes refuse the node.)
/// </summary>
internal sealed class LiftLexicalReferences() : NodePass("lift_lexical_references", "loops and branches list, in their metadata, what they read from around them")
{
    private const string Key = "__control_inputs";

    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (graph.Bodies(node).Count == 0)
        {
            return false;
        }

        string names = string.Join(',', graph.Bodies(node).SelectMany(body => body.WithInner()).SelectMany(inner => inner.Nodes.SelectMany(nested => nested.Input)
            .Where(name => name.Length > 0 && inner.DefinerOf(name) is { } definer && IsAround(graph, definer))).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        StringStringEntryProto? entry = node.MetadataProps.FirstOrDefault(entry => entry.Key == Key);
        if ((entry?.Value ?? string.Empty) == names)
        {
            return false;
        }

        if (entry is null)
        {
            node.MetadataProps.Add(entry = new StringStringEntryProto { Key = Key });
        }

        entry.Value = names;
        return true;
    }

    private static bool IsAround(EditableGraph graph, EditableGraph definer)
    {
        for (EditableGraph? around = graph; around is not null; around = around.Outer)
        {
            if (ReferenceEquals(around, definer))
            {
                return true;
            }
        }

        return false;
    }
}
