using Google.Protobuf;
using Trt.Onnx;
using Kind = Trt.Onnx.AttributeProto.Types.AttributeType;

namespace Trt.Cpu;

/// <summary>Makes attributes of ONNX nodes.</summary>
internal static class Attr
{
    public static AttributeProto Int(string name, long value) => new() { Name = name, Type = Kind.Int, I = value };

    public static AttributeProto Float(string name, float value) => new() { Name = name, Type = Kind.Float, F = value };

    public static AttributeProto Text(string name, string value) => new() { Name = name, Type = Kind.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Ints(string name, params ReadOnlySpan<long> values)
    {
        AttributeProto attribute = new() { Name = name, Type = Kind.Ints };
        foreach (long value in values)
        {
            attribute.Ints.Add(value);
        }

        return attribute;
    }

    public static AttributeProto Tensor(string name, TensorProto value) => new() { Name = name, Type = Kind.Tensor, T = value };
}
