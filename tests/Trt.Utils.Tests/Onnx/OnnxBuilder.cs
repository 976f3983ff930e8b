using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Trt.Interop;
using Trt.Onnx;
using Kind = Trt.Onnx.AttributeProto.Types.AttributeType;

namespace Trt.Utils.Tests.Onnx;

/// <summary>Writes small ONNX models.</summary>
internal sealed class OnnxBuilder
{
    private readonly Dictionary<string, int> nodes = [];

    public GraphProto Graph { get; } = new() { Name = "g" };

    public OnnxBuilder Input(string name, OnnxElementType type, params object[] dims)
    {
        Graph.Input.Add(Value(name, type, dims));
        return this;
    }

    /// <summary>A float input.</summary>
    public OnnxBuilder Input(string name, params object[] dims) => Input(name, OnnxElementType.Float, dims);

    public OnnxBuilder Output(string name, OnnxElementType type, params object[] dims)
    {
        Graph.Output.Add(Value(name, type, dims));
        return this;
    }

    /// <summary>An output without a type, which ONNX Runtime infers.</summary>
    public OnnxBuilder Output(string name)
    {
        Graph.Output.Add(new ValueInfoProto { Name = name });
        return this;
    }

    public OnnxBuilder Constant(string name, float[] values, params long[] dims) => Constant(name, OnnxElementType.Float, MemoryMarshal.AsBytes<float>(values), values.Length, dims);

    public OnnxBuilder Constant(string name, long[] values, params long[] dims) => Constant(name, OnnxElementType.Int64, MemoryMarshal.AsBytes<long>(values), values.Length, dims);

    public OnnxBuilder Constant(string name, bool[] values, params long[] dims) => Constant(name, OnnxElementType.Bool, MemoryMarshal.AsBytes<bool>(values), values.Length, dims);

    public OnnxBuilder Scalar(string name, float value)
    {
        Graph.Initializer.Add(Tensor(name, OnnxElementType.Float, [], MemoryMarshal.AsBytes<float>([value])));
        return this;
    }

    public OnnxBuilder Scalar(string name, long value)
    {
        Graph.Initializer.Add(Tensor(name, OnnxElementType.Int64, [], MemoryMarshal.AsBytes<long>([value])));
        return this;
    }

    public OnnxBuilder Scalar(string name, bool value)
    {
        Graph.Initializer.Add(Tensor(name, OnnxElementType.Bool, [], [value ? (byte)1 : (byte)0]));
        return this;
    }

    /// <summary>A node: <c>"y = Op(x, w)"</c>, several outputs separated by commas, and attributes.</summary>
    public OnnxBuilder Node(string text, params (string Name, object Value)[] attributes)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal), open = text.IndexOf('(', StringComparison.Ordinal);
        string op = text[(equals + 1)..open].Trim();
        NodeProto node = new() { OpType = op[(op.LastIndexOf(':') + 1)..], Domain = op.Contains(':', StringComparison.Ordinal) ? op[..op.LastIndexOf(':')] : string.Empty };
        node.Name = $"{node.OpType}_{nodes[node.OpType] = nodes.GetValueOrDefault(node.OpType) + 1}";
        node.Output.Add(text[..equals].Split(',').Select(name => name.Trim()));
        string inputs = text[(open + 1)..text.LastIndexOf(')')];
        node.Input.Add(inputs.Trim().Length == 0 ? [] : inputs.Split(',').Select(name => name.Trim()));
        node.Attribute.Add(attributes.Select(attribute => Attribute(attribute.Name, attribute.Value)));
        Graph.Node.Add(node);
        return this;
    }

    public ModelProto Proto(int opset = 17, int irVersion = 8)
    {
        ModelProto model = new() { IrVersion = irVersion, ProducerName = "test", Graph = Graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = string.Empty, Version = opset });
        foreach (string domain in Graph.Node.Select(node => node.Domain).Where(domain => domain.Length > 0).Distinct())
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = 1 });
        }

        return model;
    }

    public byte[] Bytes(int opset = 17, int irVersion = 8) => Proto(opset, irVersion).ToByteArray();

    public static TensorProto Tensor(string name, OnnxElementType type, long[] dims, ReadOnlySpan<byte> raw)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(raw) };
        tensor.Dims.Add(dims);
        return tensor;
    }

    public static TensorProto FloatTensor(long[] dims, params float[] values) => Tensor(string.Empty, OnnxElementType.Float, dims, MemoryMarshal.AsBytes<float>(values));

    public static TensorProto LongTensor(long[] dims, params long[] values) => Tensor(string.Empty, OnnxElementType.Int64, dims, MemoryMarshal.AsBytes<long>(values));

    /// <summary>Numbers 0.5, −0.25, … that differ from one another, the same each time.</summary>
    public static float[] Numbers(int count, int seed = 1)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    private static AttributeProto Attribute(string name, object value)
    {
        AttributeProto attribute = new() { Name = name };
        switch (value)
        {
            case int number: attribute.Type = Kind.Int; attribute.I = number; break;
            case long number: attribute.Type = Kind.Int; attribute.I = number; break;
            case float number: attribute.Type = Kind.Float; attribute.F = number; break;
            case string text: attribute.Type = Kind.String; attribute.S = ByteString.CopyFromUtf8(text); break;
            case long[] numbers: attribute.Type = Kind.Ints; attribute.Ints.Add(numbers); break;
            case float[] numbers: attribute.Type = Kind.Floats; attribute.Floats.Add(numbers); break;
            case TensorProto tensor: attribute.Type = Kind.Tensor; attribute.T = tensor; break;
            case OnnxBuilder body: attribute.Type = Kind.Graph; attribute.G = body.Graph; break;
            default: throw new ArgumentException($"an attribute of type {value.GetType()}");
        }

        return attribute;
    }

    private static ValueInfoProto Value(string name, OnnxElementType type, object[] dims)
    {
        TensorShapeProto shape = new();
        shape.Dim.Add(dims.Select(dim => dim is string symbol ? new TensorShapeProto.Types.Dimension { DimParam = symbol } : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(dim) }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }

    private OnnxBuilder Constant(string name, OnnxElementType type, ReadOnlySpan<byte> raw, int count, long[] dims)
    {
        Graph.Initializer.Add(Tensor(name, type, dims.Length == 0 ? [count] : dims, raw));
        return this;
    }
}
