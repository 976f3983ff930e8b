using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Moves the nodes and constants of a graph without inputs into the graph around it.</summary>
internal static class BranchInlining
{
    /// <param name="graph">Where they go.</param>
    /// <param name="branch">Where they come from; it is not used any more.</param>
    /// <param name="node">The node that held the branch and made its outputs; it has been removed.</param>
    public static void Inline(EditableGraph graph, GraphProto branch, NodeProto node)
    {
        HashSet<string> taken = new(graph.Model.Graphs.SelectMany(Defined), StringComparer.Ordinal);
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        List<(string Output, string Value)> copies = [];
        HashSet<string> made = new(branch.Node.SelectMany(inner => inner.Output), StringComparer.Ordinal);
        for (int i = 0; i < node.Output.Count; i++)
        {
            string value = branch.Output[i].Name;
            if (node.Output[i].Length > 0 && !(made.Contains(value) && names.TryAdd(value, node.Output[i])))
            {
                copies.Add((node.Output[i], value)); // a constant, a value from outside, or one that is several outputs
            }
        }

        foreach (string name in branch.Initializer.Select(tensor => tensor.Name).Concat(made).Where(name => name.Length > 0 && !names.ContainsKey(name)))
        {
            names.Add(name, taken.Contains(name) ? graph.Model.NewName(name) : name);
        }

        foreach (TensorProto tensor in branch.Initializer)
        {
            tensor.Name = names[tensor.Name];
            graph.AddInitializer(tensor);
        }

        foreach (ValueInfoProto value in branch.ValueInfo)
        {
            if (names.TryGetValue(value.Name, out string? name) && TensorType.Of(value.Type) is { } type)
            {
                graph.Learn(name, type);
            }
        }

        HashSet<string> nodeNames = new(graph.Nodes.Select(other => other.Name), StringComparer.Ordinal);
        foreach (NodeProto inner in branch.Node)
        {
            if (inner.Name.Length > 0 && !nodeNames.Add(inner.Name))
            {
                inner.Name = graph.Model.NewName(inner.Name); // runtimes refuse two nodes of one name
            }

            Rename(inner, names);
            graph.Add(inner);
        }

        foreach ((string output, string value) in copies)
        {
            NodeProto copy = new() { OpType = "Identity", Name = graph.Model.NewName($"{node.Name}_{output}") };
            copy.Input.Add(names.GetValueOrDefault(value, value));
            copy.Output.Add(output);
            graph.Add(copy);
        }
    }

    private static IEnumerable<string> Defined(EditableGraph graph) => graph.Nodes.SelectMany(node => node.Output).Concat(graph.Initializers.Select(tensor => tensor.Name))
        .Concat(graph.SparseInitializers).Concat(graph.Proto.Input.Select(input => input.Name));

    private static void Rename(NodeProto node, Dictionary<string, string> names)
    {
        for (int i = 0; i < node.Input.Count; i++)
        {
            node.Input[i] = names.GetValueOrDefault(node.Input[i], node.Input[i]);
        }

        for (int i = 0; i < node.Output.Count; i++)
        {
            node.Output[i] = names.GetValueOrDefault(node.Output[i], node.Output[i]);
        }

        foreach (GraphProto body in ModelTensors.Bodies(node))
        {
            RenameReads(body, names);
        }
    }

    /// <summary>Renames what a graph inside reads from outside; its own values hide others of the same name.</summary>
    private static void RenameReads(GraphProto body, Dictionary<string, string> names)
    {
        HashSet<string> own = new(
            body.Input.Select(input => input.Name).Concat(body.Initializer.Select(tensor => tensor.Name)).Concat(body.SparseInitializer.Select(sparse => sparse.Values.Name)).Concat(body.Node.SelectMany(node => node.Output)),
            StringComparer.Ordinal);
        Dictionary<string, string> visible = own.Count == 0 ? names : names.Where(pair => !own.Contains(pair.Key)).ToDictionary(StringComparer.Ordinal);
        foreach (NodeProto node in body.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = visible.GetValueOrDefault(node.Input[i], node.Input[i]);
            }

            foreach (GraphProto inner in ModelTensors.Bodies(node))
            {
                RenameReads(inner, visible);
            }
        }

        foreach (ValueInfoProto output in body.Output)
        {
            output.Name = visible.GetValueOrDefault(output.Name, output.Name);
        }
    }
}
