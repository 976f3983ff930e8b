using Trt.Onnx;
using Kind = Trt.Onnx.AttributeProto.Types.AttributeType;

namespace Trt.Cpu.Parsing;

/// <content>Attributes by name. One of another type than asked for counts as not set, as for NVIDIA's parser; one that must be there and is not refuses the node.</content>
internal sealed partial class ImportNode
{
    public bool HasAttribute(string name) => Attribute(name) is not null;

    public long Int(string name, long otherwise) => Attribute(name, Kind.Int)?.I ?? otherwise;

    public long Int(string name) => Attribute(name, Kind.Int)?.I ?? throw new MissingAttributeException(name);

    public float Float(string name, float otherwise) => Attribute(name, Kind.Float)?.F ?? otherwise;

    public float Float(string name) => Attribute(name, Kind.Float)?.F ?? throw new MissingAttributeException(name);

    public string Text(string name, string otherwise) => Attribute(name, Kind.String)?.S.ToStringUtf8() ?? otherwise;

    public string Text(string name) => Attribute(name, Kind.String)?.S.ToStringUtf8() ?? throw new MissingAttributeException(name);

    /// <summary>Integers, or null when they are not set.</summary>
    public long[]? Ints(string name) => Attribute(name, Kind.Ints) is { } attribute ? [.. attribute.Ints] : null;

    public float[]? Floats(string name) => Attribute(name, Kind.Floats) is { } attribute ? [.. attribute.Floats] : null;

    public string[]? Texts(string name) => Attribute(name, Kind.Strings) is { } attribute ? [.. attribute.Strings.Select(text => text.ToStringUtf8())] : null;

    /// <summary>A tensor as constant values, or null when it is not set.</summary>
    public ConstantValues? TensorAttribute(string name) =>
        Attribute(name, Kind.Tensor) is { T: { } tensor } ? Model.Tensors.Read(tensor, Proto.Output.Count > 0 ? Proto.Output[0] : Name) : null;

    public GraphProto Graph(string name) => Attribute(name, Kind.Graph)?.G ?? throw new MissingAttributeException(name);

    /// <summary>All attributes by name, with those of the local function around put in where a node refers to them.</summary>
    public Dictionary<string, AttributeProto> Attributes()
    {
        Dictionary<string, AttributeProto> all = new(StringComparer.Ordinal);
        foreach (AttributeProto attribute in Proto.Attribute)
        {
            if (Resolved(attribute) is { } found)
            {
                all.TryAdd(attribute.Name, found);
            }
        }

        return all;
    }

    private AttributeProto? Attribute(string name, Kind kind) => Attribute(name) is { } attribute && KindOf(attribute) == kind ? attribute : null;

    private AttributeProto? Attribute(string name) => Proto.Attribute.FirstOrDefault(attribute => attribute.Name == name) is { } found ? Resolved(found) : null;

    private AttributeProto? Resolved(AttributeProto attribute) =>
        attribute.RefAttrName.Length == 0 ? attribute : Model.Call?.Attributes.GetValueOrDefault(attribute.RefAttrName);

    /// <summary>The type that the attribute names or, in old models that do not, the one of the field that is set.</summary>
    private static Kind KindOf(AttributeProto attribute) => attribute.HasType && attribute.Type != Kind.Undefined ? attribute.Type
        : attribute.HasF ? Kind.Float
        : attribute.HasI ? Kind.Int
        : attribute.HasS ? Kind.String
        : attribute.T is not null ? Kind.Tensor
        : attribute.G is not null ? Kind.Graph
        : attribute.Floats.Count > 0 ? Kind.Floats
        : attribute.Ints.Count > 0 ? Kind.Ints
        : attribute.Strings.Count > 0 ? Kind.Strings
        : Kind.Undefined;
}
