using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Constant nodes become initializers of the same name; those that are outputs of the graph stay, since some parsers want a node behind every output.</summary>
internal sealed class ExtractConstantToInitializer() : NodePass("extract_constant_to_initializer", "Constant becomes an initializer")
{
    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("Constant") || node.OutputAt(0) is not { } output || graph.IsOutput(output) || Value(node) is not { } value)
        {
            return false;
        }

        graph.Remove(node);
        value.Name = output;
        graph.AddInitializer(value);
        return true;
    }

    /// <summary>What a Constant holds; null for a sparse tensor.</summary>
    public static TensorProto? Value(NodeProto node)
    {
        foreach (AttributeProto attribute in node.Attribute)
        {
            OnnxTensor? made = attribute.Name switch
            {
                "value_float" => OnnxTensor.Scalar(attribute.F),
                "value_floats" => OnnxTensor.From(attribute.Floats.ToArray()),
                "value_int" => OnnxTensor.Scalar(attribute.I),
                "value_ints" => OnnxTensor.From(attribute.Ints.ToArray()),
                "value_strings" => OnnxTensor.FromStrings([.. attribute.Strings.Select(text => text.ToStringUtf8())]),
                _ => null,
            };
            if (made is not null)
            {
                return TensorContents.Write(string.Empty, made);
            }

            if (attribute.Name == "value" && attribute.T is not null)
            {
                return attribute.T.Clone();
            }

            if (attribute.Name == "value_string")
            {
                TensorProto text = new() { DataType = (int)OnnxElementType.String };
                text.StringData.Add(attribute.S);
                return text;
            }
        }

        return null;
    }
}
