using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Gives tensors and nodes other names, everywhere.</summary>
internal static class Renaming
{
    public static ModelProto Tensor(ModelProto model, string from, string to)
    {
        ArgumentException.ThrowIfNullOrEmpty(to);
        ModelProto copy = model.Clone();
        string[] defined = [.. Defined(copy.Graph)];
        if (!defined.Contains(from))
        {
            throw new ArgumentException($"The model has no tensor \"{from}\".{OnnxModel.NearestText(from, defined)}", nameof(from));
        }

        if (from != to && ModelTensors.Graphs(copy.Graph).Any(graph => Defined(graph).Contains(to)))
        {
            throw new ArgumentException($"There is a tensor \"{to}\" already.", nameof(to));
        }

        Rename(copy.Graph, from, to, isOwn: true);
        return copy;
    }

    public static ModelProto Node(ModelProto model, string from, string to)
    {
        ArgumentException.ThrowIfNullOrEmpty(from);
        ModelProto copy = model.Clone();
        NodeProto[] nodes = [.. ModelTensors.Graphs(copy.Graph).SelectMany(graph => graph.Node)];
        if (nodes.Where(node => node.Name == from).ToArray() is not [var only])
        {
            int count = nodes.Count(node => node.Name == from);
            throw new ArgumentException(count == 0 ? $"The model has no node \"{from}\".{OnnxModel.NearestText(from, nodes.Select(node => node.Name))}" : $"{count} nodes are called \"{from}\".", nameof(from));
        }

        if (from != to && to.Length > 0 && nodes.Any(node => node.Name == to))
        {
            throw new ArgumentException($"There is a node \"{to}\" already.", nameof(to));
        }

        only.Name = to;
        return copy;
    }

    private static IEnumerable<string> Defined(GraphProto graph) => graph.Input.Select(input => input.Name).Concat(graph.Initializer.Select(tensor => tensor.Name))
        .Concat(graph.SparseInitializer.Select(sparse => sparse.Values?.Name ?? string.Empty)).Concat(graph.Node.SelectMany(node => node.Output)).Where(name => name.Length > 0);

    private static void Rename(GraphProto graph, string from, string to, bool isOwn)
    {
        if (!isOwn && Defined(graph).Contains(from))
        {
            return; // there the name means something else
        }

        foreach (ValueInfoProto value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).Where(value => value.Name == from))
        {
            value.Name = to;
        }

        foreach (TensorProto tensor in graph.Initializer.Concat(graph.SparseInitializer.Where(sparse => sparse.Values is not null).Select(sparse => sparse.Values)).Where(tensor => tensor.Name == from))
        {
            tensor.Name = to;
        }

        foreach (TensorAnnotation annotation in graph.QuantizationAnnotation)
        {
            annotation.TensorName = annotation.TensorName == from ? to : annotation.TensorName;
            foreach (StringStringEntryProto entry in annotation.QuantParameterTensorNames.Where(entry => entry.Value == from))
            {
                entry.Value = to;
            }
        }

        foreach (NodeProto node in graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = node.Input[i] == from ? to : node.Input[i];
            }

            for (int i = 0; i < node.Output.Count; i++)
            {
                node.Output[i] = node.Output[i] == from ? to : node.Output[i];
            }

            foreach (GraphProto body in ModelTensors.Bodies(node))
            {
                Rename(body, from, to, isOwn: false);
            }
        }
    }
}
