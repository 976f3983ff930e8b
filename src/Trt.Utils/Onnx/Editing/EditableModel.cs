using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>A model taken apart for changes: who makes and who reads each value, in all its graphs.</summary>
internal sealed class EditableModel
{
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    /// <param name="proto">The model; it is changed by <see cref="Commit"/> at the latest, and its nodes before.</param>
    /// <param name="contents">Reads its tensors.</param>
    public EditableModel(ModelProto proto, TensorContents contents)
    {
        Proto = proto;
        Contents = contents;
        Opset = OpsetOf(proto.OpsetImport);
        RaiseIrVersion();
        foreach (GraphProto graph in ModelTensors.Graphs(proto.Graph))
        {
            names.UnionWith(graph.Input.Select(value => value.Name).Concat(graph.Initializer.Select(tensor => tensor.Name))
                .Concat(graph.SparseInitializer.Select(sparse => sparse.Values?.Name ?? string.Empty))
                .Concat(graph.Node.SelectMany(node => node.Output.Concat(node.Input).Append(node.Name))).Concat(graph.Output.Select(value => value.Name)));
        }

        Main = new EditableGraph(this, null, proto.Graph);
        Main.FindUses();
    }

    public ModelProto Proto { get; }

    public TensorContents Contents { get; }

    /// <summary>Version of ONNX's own operators.</summary>
    public long Opset { get; }

    public EditableGraph Main { get; }

    /// <summary>All graphs, the main one first.</summary>
    public IEnumerable<EditableGraph> Graphs => Main.WithInner();

    public static long OpsetOf(IEnumerable<OperatorSetIdProto> imports) => imports.FirstOrDefault(import => import.Domain is "" or "ai.onnx")?.Version ?? 1;

    /// <summary>A name that nothing in the model has.</summary>
    public string NewName(string hint)
    {
        string name = hint;
        for (int i = 1; !names.Add(name); i++)
        {
            name = $"{hint}_{i}";
        }

        return name;
    }

    /// <summary>Writes what was changed into the serialized form.</summary>
    /// <exception cref="OnnxFormatException">Nodes need one another in a circle.</exception>
    public ModelProto Commit()
    {
        Main.Commit();
        return Proto;
    }

    /// <summary>Writes what is known of types into the main graph.</summary>
    public void Declare()
    {
        GraphProto graph = Main.Proto;
        HashSet<string> declared = new(graph.Input.Concat(graph.Output).Select(value => value.Name), StringComparer.Ordinal);
        foreach (ValueInfoProto output in graph.Output)
        {
            if (Main.TypeOf(output.Name) is { Element: not OnnxElementType.Undefined } type && (output.Type is null || output.Type.TensorType is not null))
            {
                output.Type = type.ToProto();
            }
        }

        graph.ValueInfo.Clear();
        foreach (string name in Main.Nodes.SelectMany(node => node.Output).Where(name => name.Length > 0 && !declared.Contains(name)))
        {
            if (Main.TypeOf(name) is { Element: not OnnxElementType.Undefined } type)
            {
                graph.ValueInfo.Add(new ValueInfoProto { Name = name, Type = type.ToProto() });
            }
        }
    }

    public OnnxFormatException Refuse(string problem) => new(Contents.Source, problem);

    /// <summary>
    /// Before IR version 4 every initializer had to be an input too, and runtimes took it for a constant. From then on it is a constant when it is no input:
    /// such inputs go, so that initializers can be added and still none can be set from outside that could not be before.
    /// </summary>
    private void RaiseIrVersion()
    {
        if (Proto.IrVersion >= 4)
        {
            return;
        }

        Proto.IrVersion = 4;
        foreach (GraphProto graph in ModelTensors.Graphs(Proto.Graph))
        {
            HashSet<string> constants = new(graph.Initializer.Select(tensor => tensor.Name), StringComparer.Ordinal);
            ValueInfoProto[] inputs = [.. graph.Input.Where(input => !constants.Contains(input.Name))];
            graph.Input.Clear();
            graph.Input.Add(inputs);
        }
    }
}
