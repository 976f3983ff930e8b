using Trt.Onnx;

namespace Trt.Utils;

/// <summary>A pass that looks at nodes one by one.</summary>
/// <param name="name">The name by which it is asked for.</param>
/// <param name="summary">What it does, in half a sentence.</param>
internal abstract class NodePass(string name, string summary) : GraphPass
{
    public sealed override string Name => name;

    public sealed override string Summary => summary;

    public sealed override int Run(EditableGraph graph)
    {
        int changes = 0;
        foreach (NodeProto node in graph.Nodes)
        {
            if (node.IsStandard() && Change(graph, node))
            {
                changes++;
            }
        }

        return changes;
    }

    /// <summary>Changes what begins or ends at a node of one of ONNX's own operators, if it can.</summary>
    protected abstract bool Change(EditableGraph graph, NodeProto node);
}
