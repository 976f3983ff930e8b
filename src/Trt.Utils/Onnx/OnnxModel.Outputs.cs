using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <content>What a model shows and takes: outputs, and inputs that become constants.</content>
public sealed partial class OnnxModel
{
    /// <summary>Makes outputs of tensors of the main graph, beside those that there are.</summary>
    /// <param name="names">Tensors that nodes make; those that are outputs already stay as they are.</param>
    /// <exception cref="ArgumentException">No node makes a tensor of a name.</exception>
    /// <exception cref="OnnxFormatException">The graph is not valid.</exception>
    public void MarkOutputs(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        EditableModel edited = Edit();
        string[] wanted = [.. names.Distinct(StringComparer.Ordinal).Where(name => !edited.Main.IsOutput(name))];
        if (wanted.FirstOrDefault(name => edited.Main.Producer(name) is null) is { } unknown)
        {
            throw new ArgumentException($"No node of the model makes a tensor \"{unknown}\".{NearestText(unknown, edited.Main.Nodes.SelectMany(node => node.Output))}", nameof(names));
        }

        InferIfPossible(edited);
        Mark(edited, wanted);
    }

    /// <summary>Makes an output of every tensor that a node of the main graph makes, but of constants and of what is no tensor (sequences, maps).</summary>
    /// <returns>The names of all outputs that nodes make, in an order in which each comes after those that it is computed from.</returns>
    /// <exception cref="OnnxFormatException">The graph is not valid.</exception>
    public IReadOnlyList<string> MarkAllOutputs()
    {
        EditableModel edited = Edit();
        bool inferred = TryInfer(edited);
        string[] all = [.. edited.Main.Nodes.Where(node => !node.Is("Constant")).SelectMany(node => node.Output).Where(name => name.Length > 0)];
        string[] tensors = [.. all.Where(name => edited.Main.IsOutput(name) || !inferred || edited.Main.TypeOf(name) is { Element: not OnnxElementType.Undefined })];
        Mark(edited, [.. tensors.Where(name => !edited.Main.IsOutput(name))]);
        return tensors;
    }

    /// <summary>Makes a constant of an input.</summary>
    /// <param name="input">The input's name.</param>
    /// <param name="value">Its value, of the input's element type; copied.</param>
    /// <exception cref="ArgumentException">There is no such input, or it is of another type or shape.</exception>
    public void SetConstant(string input, OnnxTensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        OnnxValueInfo info = Inputs.FirstOrDefault(info => info.Name == input)
            ?? throw new ArgumentException($"{Source} has no input \"{input}\".{NearestText(input, Inputs.Select(info => info.Name))}", nameof(input));
        bool fits = info.ElementType == value.ElementType && (info.Dims.IsDefault || (info.Dims.Length == value.Dims.Length && info.Dims.Zip(value.Dims).All(pair => pair.First < 0 || pair.First == pair.Second)));
        if (!fits)
        {
            throw new ArgumentException($"Input {info} cannot be the constant {value}.", nameof(value));
        }

        ModelProto proto = Proto.Clone();
        proto.IrVersion = Math.Max(proto.IrVersion, 4); // before, every constant had to be an input too
        proto.Graph.Input.Remove(proto.Graph.Input.First(declared => declared.Name == input));
        proto.Graph.Initializer.Add(TensorContents.Write(input, value));
        Become(proto);
    }

    private void Mark(EditableModel edited, string[] names)
    {
        ModelProto proto = edited.Commit();
        foreach (string name in names)
        {
            ValueInfoProto? declared = proto.Graph.ValueInfo.FirstOrDefault(value => value.Name == name);
            proto.Graph.Output.Add(edited.Main.TypeOf(name) is { Element: not OnnxElementType.Undefined } type ? new ValueInfoProto { Name = name, Type = type.ToProto() } : declared ?? new ValueInfoProto { Name = name });
            if (declared is not null)
            {
                proto.Graph.ValueInfo.Remove(declared);
            }
        }

        Become(proto);
    }
}
