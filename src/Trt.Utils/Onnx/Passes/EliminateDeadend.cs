using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Nodes whose outputs nobody reads are left out, the last first, so that what only they needed goes too.</summary>
internal sealed class EliminateDeadend : GraphPass
{
    public override string Name => "eliminate_deadend";

    public override string Summary => "nodes go whose outputs nobody reads";

    public override int Run(EditableGraph graph)
    {
        int changes = 0;
        foreach (NodeProto node in graph.Nodes.Reverse().ToArray())
        {
            if (!node.Output.Any(graph.IsUsed))
            {
                graph.Remove(node);
                changes++;
            }
        }

        return changes;
    }
}
