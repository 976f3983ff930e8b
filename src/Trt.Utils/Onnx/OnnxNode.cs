using System.Collections.ObjectModel;
using Trt.Interop;
using Trt.Onnx;
using Kind = Trt.Onnx.AttributeProto.Types.AttributeType;

namespace Trt.Utils;

/// <summary>A node of an ONNX model, as it was when it was asked for.</summary>
public sealed class OnnxNode
{
    private readonly NodeProto node;
    private readonly TensorContents contents;

    internal OnnxNode(NodeProto node, TensorContents contents)
    {
        this.node = node;
        this.contents = contents;
        Inputs = [.. node.Input];
        Outputs = [.. node.Output];
    }

    /// <summary>Its name; may be empty.</summary>
    public string Name => node.Name;

    /// <summary>Its operator, such as <c>Conv</c>.</summary>
    public string OpType => node.OpType;

    /// <summary>The operator's domain; empty for ONNX's own.</summary>
    public string Domain => node.Domain == "ai.onnx" ? string.Empty : node.Domain;

    /// <summary>Names of the tensors that it reads; an empty one stands for an optional input that is left out.</summary>
    public IReadOnlyList<string> Inputs { get; }

    /// <summary>Names of the tensors that it makes; an empty one stands for an output that nobody wants.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>
    /// Attributes by name: <see cref="long"/>, <see cref="float"/>, <see cref="string"/>, arrays of these, <see cref="OnnxTensor"/>, and for the body of a loop or branch
    /// <c>IReadOnlyList&lt;OnnxNode&gt;</c>; null for the kinds that have no such form (sparse tensors and types).
    /// </summary>
    /// <exception cref="OnnxFormatException">A tensor's data cannot be read.</exception>
    public IReadOnlyDictionary<string, object?> Attributes
    {
        get
        {
            Dictionary<string, object?> attributes = new(StringComparer.Ordinal);
            foreach (AttributeProto attribute in node.Attribute)
            {
                attributes[attribute.Name] = Value(attribute);
            }

            return new ReadOnlyDictionary<string, object?>(attributes);
        }
    }

    /// <summary>Such as <c>y = Conv(x, w, b)</c>.</summary>
    public override string ToString() => $"{string.Join(", ", Outputs)} = {(Domain.Length > 0 ? $"{Domain}:" : "")}{OpType}({string.Join(", ", Inputs)})";

    private object? Value(AttributeProto attribute) => attribute.Type switch
    {
        Kind.Float => attribute.F,
        Kind.Int => attribute.I,
        Kind.String => attribute.S.ToStringUtf8(),
        Kind.Tensor when attribute.T is not null => contents.Read(attribute.T),
        Kind.Graph when attribute.G is not null => Nodes(attribute.G),
        Kind.Floats => attribute.Floats.ToArray(),
        Kind.Ints => attribute.Ints.ToArray(),
        Kind.Strings => attribute.Strings.Select(text => text.ToStringUtf8()).ToArray(),
        Kind.Tensors => attribute.Tensors.Select(contents.Read).ToArray(),
        Kind.Graphs => attribute.Graphs.Select(Nodes).ToArray(),
        _ => null,
    };

    private IReadOnlyList<OnnxNode> Nodes(GraphProto graph) => [.. graph.Node.Select(inner => new OnnxNode(inner, contents))];
}
