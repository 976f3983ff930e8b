using Trt.Interop;
using Trt.Onnx;
using Kind = Trt.Onnx.AttributeProto.Types.AttributeType;

namespace Trt.Utils;

/// <summary>A Cast to the type that the value has.</summary>
internal sealed class EliminateNopCast() : NodePass("eliminate_nop_cast", "Cast to the type that a value has goes")
{
    protected override bool Change(EditableGraph graph, NodeProto node) =>
        node.Is("Cast") && node.InputAt(0) is { } value && node.OutputAt(0) is { } output
        && node.Attribute("to") is { } to && Target(to) is var wanted and not OnnxElementType.Undefined
        && graph.TypeOf(value)?.Element == wanted && graph.TryBypass(node, value, output);

    /// <summary>Before operator set 6 the type was written as text.</summary>
    private static OnnxElementType Target(AttributeProto to) => to.Type != Kind.String ? (OnnxElementType)to.I : to.S.ToStringUtf8().ToUpperInvariant() switch
    {
        "FLOAT" => OnnxElementType.Float,
        "FLOAT16" => OnnxElementType.Half,
        "DOUBLE" => OnnxElementType.Double,
        "INT32" => OnnxElementType.Int32,
        "INT64" => OnnxElementType.Int64,
        "BOOL" => OnnxElementType.Bool,
        _ => OnnxElementType.Undefined,
    };
}
