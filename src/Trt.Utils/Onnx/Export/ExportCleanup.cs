using Trt.Onnx;

namespace Trt.Utils;

/// <summary>
/// Puts ONNX's own operators in the place of what the CPU runtime computes activations by, which agrees with TensorRT on what is no number or infinite, but is no operator that
/// other runtimes fuse: ReLU as ThresholdedRelu of 0, the sigmoid as 1 / (1 + exp(−x)).
/// </summary>
internal sealed class ExportCleanup() : NodePass("export_cleanup", "activations are written as operators")
{
    public void Run(OnnxModel model)
    {
        EditableModel edited = model.Edit();
        new ExtractConstantToInitializer().Run(edited.Main);
        foreach (EditableGraph graph in edited.Graphs.ToArray())
        {
            Run(graph);
        }

        model.Become(edited.Commit());
    }

    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (node.Is("ThresholdedRelu") && node.Attribute("alpha") is { F: 0 })
        {
            node.OpType = "Relu";
            node.Unset("alpha");
            return true;
        }

        return node.Is("Reciprocal") && graph.Producer(node.InputAt(0), "Add") is { } sum && graph.HasOneUse(node.Input[0])
            && (Sigmoid(graph, node, sum, 0) || Sigmoid(graph, node, sum, 1));
    }

    private static bool Sigmoid(EditableGraph graph, NodeProto reciprocal, NodeProto sum, int side)
    {
        if (graph.Producer(sum.InputAt(side), "Exp") is not { } exp || !graph.HasOneUse(sum.Input[side]) || graph.Producer(exp.InputAt(0), "Neg") is not { } neg || !graph.HasOneUse(exp.Input[0])
            || graph.Constant(sum.InputAt(1 - side)) is not { ElementCount: 1 } one || !FloatNumbers.Supports(one.ElementType) || FloatNumbers.Read(one)[0] != 1 || neg.InputAt(0) is not { } x)
        {
            return false;
        }

        NodeProto sigmoid = new() { OpType = "Sigmoid", Name = reciprocal.Name };
        sigmoid.Input.Add(x);
        sigmoid.Output.Add(reciprocal.Output[0]);
        foreach (NodeProto gone in (NodeProto[])[reciprocal, sum, exp, neg])
        {
            graph.Remove(gone);
        }

        graph.Add(sigmoid);
        return true;
    }
}
