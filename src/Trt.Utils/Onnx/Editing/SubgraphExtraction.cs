using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Cuts the part out of a model that computes some tensors from others.</summary>
internal static class SubgraphExtraction
{
    public static ModelProto Extract(EditableModel model, string[] inputs, string[] outputs)
    {
        EditableGraph graph = model.Main;
        HashSet<string> given = new(inputs, StringComparer.Ordinal);
        foreach (string name in inputs.Concat(outputs).Where(name => !graph.Defines(name)))
        {
            throw new ArgumentException($"The model has no tensor \"{name}\".{OnnxModel.NearestText(name, Known(graph))}");
        }

        if (outputs.FirstOrDefault(given.Contains) is { } both)
        {
            throw new ArgumentException($"\"{both}\" cannot be both an input and an output.");
        }

        HashSet<NodeProto> needed = new(ReferenceEqualityComparer.Instance);
        HashSet<string> read = new(outputs, StringComparer.Ordinal);
        Stack<string> ahead = new(outputs);
        while (ahead.TryPop(out string? name))
        {
            if (!given.Contains(name) && graph.Producer(name) is { } node && needed.Add(node))
            {
                foreach (string input in NodeSort.Reads(graph, node).Where(read.Add))
                {
                    ahead.Push(input);
                }
            }
        }

        string[] missing = [.. read.Where(name => graph.IsInput(name) && !given.Contains(name) && graph.Initializers.All(tensor => tensor.Name != name))];
        if (missing.Length > 0)
        {
            throw new ArgumentException($"To compute {string.Join(", ", outputs)} the model's inputs {string.Join(", ", missing)} are needed too: name them as inputs, or tensors that come after them.");
        }

        return Part(model, needed, read, inputs, outputs);
    }

    private static ModelProto Part(EditableModel model, HashSet<NodeProto> needed, HashSet<string> read, string[] inputs, string[] outputs)
    {
        EditableGraph graph = model.Main;
        GraphProto whole = graph.Proto;
        GraphProto part = new() { Name = whole.Name, DocString = whole.DocString };
        part.Node.Add(whole.Node.Where(needed.Contains));
        part.Input.Add(inputs.Select(name => Declared(graph, name) ?? throw new ArgumentException($"The type of \"{name}\" is not known, so it cannot be an input. Choose another tensor, or register the CPU runtime, which infers types.")));
        part.Output.Add(outputs.Select(name => Declared(graph, name) ?? new ValueInfoProto { Name = name }));
        part.Initializer.Add(whole.Initializer.Where(tensor => read.Contains(tensor.Name) && !inputs.Contains(tensor.Name)));
        part.SparseInitializer.Add(whole.SparseInitializer.Where(tensor => read.Contains(tensor.Values?.Name ?? string.Empty)));
        HashSet<string> made = new(needed.SelectMany(node => node.Output), StringComparer.Ordinal);
        part.ValueInfo.Add(whole.ValueInfo.Where(value => made.Contains(value.Name) && !outputs.Contains(value.Name)));
        part.QuantizationAnnotation.Add(whole.QuantizationAnnotation.Where(annotation => read.Contains(annotation.TensorName)));
        ModelProto result = model.Proto.Clone();
        result.Graph = part;
        return result.Clone();
    }

    private static ValueInfoProto? Declared(EditableGraph graph, string name) =>
        graph.Proto.Input.Concat(graph.Proto.Output).FirstOrDefault(value => value.Name == name)
        ?? (graph.TypeOf(name) is { Element: not OnnxElementType.Undefined } type ? new ValueInfoProto { Name = name, Type = type.ToProto() } : graph.Proto.ValueInfo.FirstOrDefault(value => value.Name == name));

    private static IEnumerable<string> Known(EditableGraph graph) => graph.Nodes.SelectMany(node => node.Output).Concat(graph.Proto.Input.Select(input => input.Name));
}
