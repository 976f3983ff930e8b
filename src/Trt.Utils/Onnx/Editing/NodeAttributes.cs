using Google.Protobuf;
using Trt.Onnx;
using Kind = Trt.Onnx.AttributeProto.Types.AttributeType;

namespace Trt.Utils;

/// <summary>Operators and attributes of nodes.</summary>
internal static class NodeAttributes
{
    /// <summary>Whether a node is one of ONNX's own operators.</summary>
    public static bool Is(this NodeProto node, string op) => node.OpType == op && node.IsStandard();

    /// <summary>Whether a node's operator is of ONNX's own domain.</summary>
    public static bool IsStandard(this NodeProto node) => node.Domain is "" or "ai.onnx";

    public static AttributeProto? Attribute(this NodeProto node, string name) => node.Attribute.FirstOrDefault(attribute => attribute.Name == name);

    public static long Int(this NodeProto node, string name, long missing) => node.Attribute(name) is { } attribute ? attribute.I : missing;

    public static float Float(this NodeProto node, string name, float missing) => node.Attribute(name) is { } attribute ? attribute.F : missing;

    public static string Text(this NodeProto node, string name, string missing) => node.Attribute(name) is { } attribute ? attribute.S.ToStringUtf8() : missing;

    public static long[]? Ints(this NodeProto node, string name) => node.Attribute(name) is { } attribute ? [.. attribute.Ints] : null;

    public static void Set(this NodeProto node, string name, long value)
    {
        AttributeProto attribute = Fresh(node, name, Kind.Int);
        attribute.I = value;
    }

    public static void Set(this NodeProto node, string name, IEnumerable<long> values) => Fresh(node, name, Kind.Ints).Ints.Add(values);

    public static void Set(this NodeProto node, string name, string value)
    {
        AttributeProto attribute = Fresh(node, name, Kind.String);
        attribute.S = ByteString.CopyFromUtf8(value);
    }

    public static void Set(this NodeProto node, string name, float value)
    {
        AttributeProto attribute = Fresh(node, name, Kind.Float);
        attribute.F = value;
    }

    public static void Unset(this NodeProto node, string name)
    {
        for (int i = node.Attribute.Count - 1; i >= 0; i--)
        {
            if (node.Attribute[i].Name == name)
            {
                node.Attribute.RemoveAt(i);
            }
        }
    }

    /// <summary>An input's name, or null where the node has none in this place.</summary>
    public static string? InputAt(this NodeProto node, int index) => index < node.Input.Count && node.Input[index].Length > 0 ? node.Input[index] : null;

    /// <summary>An output's name, or null where nobody wants it.</summary>
    public static string? OutputAt(this NodeProto node, int index) => index < node.Output.Count && node.Output[index].Length > 0 ? node.Output[index] : null;

    private static AttributeProto Fresh(NodeProto node, string name, Kind kind)
    {
        node.Unset(name);
        AttributeProto attribute = new() { Name = name, Type = kind };
        node.Attribute.Add(attribute);
        return attribute;
    }
}
