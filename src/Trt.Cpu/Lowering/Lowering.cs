using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Cpu;

/// <summary>An ONNX graph under construction: what layers write themselves into.</summary>
/// <remarks>
/// Arithmetic on 16-bit floats is done in 32 bits and rounded at each layer's output, as hardware does that accumulates in 32 bits. Large weights
/// are not copied into the graph: they are declared as external and handed to the session from the plan's own memory.
/// </remarks>
internal sealed partial class Lowering
{
    /// <summary>Version of ONNX's operators that the graph is written in.</summary>
    public const int Opset = 21;

    private const int InlineBytes = 256;

    private readonly Dictionary<string, OnnxValue> constants = new(StringComparer.Ordinal);
    private readonly Dictionary<(nint, long, DataType, string), OnnxValue> weights = [];
    private readonly List<OnnxValue> inputs = [];
    private readonly List<WeightBlock> blocks = [];
    private HashSet<string>? mainNames;
    private CpuLayer? layer;
    private int counter;
    private long weightBytes;
    private long allWeightBytes;

    public IReadOnlyList<WeightBlock> Blocks => blocks;

    /// <summary>Which initializer holds which weights of the network.</summary>
    public IEnumerable<(Weights Weights, string Value)> WeightValues => weights.Select(entry => (new Weights(entry.Key.Item3, entry.Key.Item1, entry.Key.Item2), entry.Value.Name));

    public long WeightBytes => weightBytes;

    private CpuLayer Layer => layer!;

    /// <summary>Whether inputs and outputs are linear whatever formats they allow.</summary>
    public bool IsLinear { get; init; }

    /// <summary>Whether quantization is written with ONNX's own operators, for others to read, and not with plain arithmetic.</summary>
    public bool KeepsQuantization { get; init; }

    /// <summary>Declares an input of the network.</summary>
    public void AddInput(CpuTensor tensor)
    {
        OnnxValue value = new($"i{inputs.Count}", tensor.InputType);
        if (Format(tensor) is { } format)
        {
            long[] memory = new long[format.MemoryRank(tensor.InputDims.NbDims)];
            format.ToMemory(tensor.InputDims.AsSpan(), memory);
            Graph.Input.Add(Declaration(value, new Dims(memory)));
            value = FromMemory(value, format, tensor.InputDims);
        }
        else
        {
            Graph.Input.Add(Declaration(value, tensor.InputDims));
        }

        inputs.Add(value);
        scopes[0].Values[tensor] = value;
    }

    /// <summary>Declares an output of the network and writes the layers that it needs.</summary>
    public void AddOutput(CpuTensor tensor)
    {
        OnnxValue source = Value(tensor);
        OnnxValue value = new($"o{Graph.Output.Count}", tensor.InferredType);
        OnnxValue memory = Format(tensor) is { } format ? ToMemory(source, format, Extents.Visible(tensor.Facts!.Dims)) : source;
        NodeProto node = new() { OpType = "Identity", Name = tensor.Name, Input = { memory.Name }, Output = { value.Name } };
        if (value.Type == DataType.Int4)
        {
            // ONNX Runtime hands on no 4-bit integers as they are: as floats they come out of a quantization by 1 unchanged.
            node.OpType = "QuantizeLinear";
            node.Input.Clear();
            node.Input.Add([Cast(memory, DataType.Float).Name, Number(1, DataType.Float).Name, Zero(DataType.Int4).Name]);
        }

        Graph.Node.Add(node);
        Graph.Output.Add(Declaration(value, null));
    }

    public bool Has(int input) => Layer.InputAt(input) is not null;

    /// <summary>An input of the current layer as it is.</summary>
    public OnnxValue Input(int input) => Value(Layer.RequiredInput(input));

    /// <summary>An input of the current layer for arithmetic: floats of fewer than 32 bits, and 4-bit integers, as 32-bit floats.</summary>
    public OnnxValue Real(int input) => Widened(Input(input));

    /// <summary>An input of the current layer as 32-bit floats.</summary>
    public OnnxValue Float(int input) => Cast(Input(input), DataType.Float);

    public OnnxValue Widened(OnnxValue value) =>
        Types.IsSixteenBit(value.Type) || value.Type is DataType.FP8 or DataType.Int4 ? Cast(value, DataType.Float) : value;

    /// <summary>Shape of an input of the current layer.</summary>
    public DimExpr[] Dims(int input) => Layer.RequiredInput(input).Facts!.Dims;

    /// <summary>Shape of an output of the current layer.</summary>
    public DimExpr[] OutputDims(int output) => Layer.OutputAt(output).Facts!.Dims;

    public DataType OutputType(int output) => Layer.OutputAt(output).InferredType;

    /// <summary>Says what an output of the current layer is; it is converted to the output's type.</summary>
    public void Set(int output, OnnxValue value)
    {
        CpuTensor tensor = Layer.OutputAt(output);
        scopes[current].Values[tensor] = Cast(value, tensor.InferredType);
    }

    public OnnxValue Cast(OnnxValue value, DataType type) => value.Type == type ? value
        : type == DataType.Int4 ? Node("QuantizeLinear", type, [Cast(value, DataType.Float), Number(1, DataType.Float), Zero(type)])
        : Node("Cast", type, [value], Attr.Int("to", (long)Types.Onnx(type)));

    /// <summary>A value of a type that is all zeros, as quantization wants to tell its type.</summary>
    public OnnxValue Zero(DataType type) => Constant(type, [], [0]);

    /// <summary>Zeros of a type: a number, or a list of as many.</summary>
    public OnnxValue Zeros(DataType type, int? count) => count is { } many ? Constant(type, [many], new byte[Types.Bytes(type, many)]) : Zero(type);

    /// <summary>A node with one output.</summary>
    public OnnxValue Node(string operation, DataType type, ReadOnlySpan<OnnxValue> operands, params ReadOnlySpan<AttributeProto> attributes)
    {
        OnnxValue result = new(Name(), type);
        Append(operation, operands, attributes).Output.Add(result.Name);
        return result;
    }

    /// <summary>A node with two outputs.</summary>
    public (OnnxValue First, OnnxValue Second) Pair(string operation, DataType first, DataType second, ReadOnlySpan<OnnxValue> operands, params ReadOnlySpan<AttributeProto> attributes)
    {
        NodeProto node = Append(operation, operands, attributes);
        (OnnxValue, OnnxValue) result = (new OnnxValue(Name(), first), new OnnxValue(Name(), second));
        node.Output.Add(result.Item1.Name);
        node.Output.Add(result.Item2.Name);
        return result;
    }

    /// <summary>Weights as a constant of a shape, in a type that may differ from theirs.</summary>
    /// <param name="source">The values.</param>
    /// <param name="dims">Their shape.</param>
    /// <param name="type">What the layer computes with.</param>
    /// <param name="role">How the layer uses them; null where a refit cannot exchange them.</param>
    public OnnxValue Weights(Weights source, ReadOnlySpan<long> dims, DataType type, WeightsRole? role = null)
    {
        if (role is { } part && Refit.Includes(source))
        {
            return Cast(Exchange(source, dims, part), type);
        }

        string shape = string.Join(',', dims.ToArray());
        if (!weights.TryGetValue((source.Values, source.Count, source.Type, shape), out OnnxValue value))
        {
            value = new OnnxValue(Name(), source.Type);
            TensorProto tensor = new() { Name = value.Name, DataType = (int)Types.Onnx(source.Type) };
            foreach (long dim in dims)
            {
                tensor.Dims.Add(dim);
            }

            CountWeights(source);
            Store(tensor, source.Values, Types.Bytes(source.Type, source.Count));
            weights.Add((source.Values, source.Count, source.Type, shape), value);
        }

        return Cast(value, type);
    }

    /// <summary>A list of integers.</summary>
    public OnnxValue Integers(params ReadOnlySpan<long> list) => Constant(DataType.Int64, [list.Length], MemoryMarshal.AsBytes(list));

    /// <summary>A scalar of a type.</summary>
    public OnnxValue Number(double number, DataType type) => type switch
    {
        DataType.Int64 => Scalar((long)number, type),
        DataType.Int32 => Scalar((int)number, type),
        DataType.Int8 => Scalar((sbyte)number, type),
        DataType.UInt8 => Scalar((byte)number, type),
        DataType.Bool => Scalar(number != 0, type),
        DataType.Float => Scalar((float)number, type),
        _ => Cast(Scalar((float)number, DataType.Float), type),
    };

    /// <summary>A shape as a list of integers: constant where it can be, else computed from the network's inputs.</summary>
    public OnnxValue Shape(ReadOnlySpan<DimExpr> dims)
    {
        long[] known = new long[dims.Length];
        bool constant = true;
        for (int i = 0; i < known.Length; i++)
        {
            known[i] = dims[i].Visible;
            constant &= dims[i].IsConstant;
        }

        if (constant)
        {
            return Integers(known);
        }

        OnnxValue[] parts = new OnnxValue[dims.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = Number(dims[i]);
        }

        return Node("Concat", DataType.Int64, parts, Attr.Int("axis", 0));
    }

    /// <summary>A number that shapes are made of, as a list of one integer.</summary>
    public OnnxValue Number(DimExpr expression)
    {
        int levelBefore = current;
        for (int level = current; level >= 0; level--)
        {
            if (scopes[level].Numbers.TryGetValue(expression, out OnnxValue known))
            {
                return known;
            }

            if (scopes[level].Replays && expression.HasUnknown)
            {
                break;
            }
        }

        // What follows from the network's inputs is the same everywhere.
        current = expression.HasUnknown ? current : 0;
        OnnxValue value = expression.Op switch
        {
            DimOp.Constant => Integers(expression.Number),
            DimOp.Extent => Node("Shape", DataType.Int64, [inputs[expression.Input]], Attr.Int("start", expression.Index), Attr.Int("end", expression.Index + 1)),
            DimOp.Value => Element(expression),
            DimOp.Unknown => Produced(expression),
            DimOp.Sum => Chain("Add", expression),
            DimOp.Product => Chain("Mul", expression),
            DimOp.Max => Chain("Max", expression),
            DimOp.Min => Chain("Min", expression),
            DimOp.TruncDiv => Divided(expression, (left, right) => Node("Div", DataType.Int64, [left, right])),
            DimOp.FloorDiv => Divided(expression, FloorDiv),
            DimOp.CeilDiv => Divided(expression, (left, right) => Negative(FloorDiv(Negative(left), right))),
            DimOp.Broadcast => Choice(expression, 1),
            DimOp.Equal => Truth("Equal", expression),
            DimOp.Less => Truth("Less", expression),
            _ => Choice(expression, 0),
        };
        scopes[current].Numbers.Add(expression, value);
        current = levelBefore;
        return value;
    }

    /// <summary>The finished model.</summary>
    public ModelProto Finish() => new()
    {
        IrVersion = 10,
        ProducerName = "Trt.Cpu",
        ProducerVersion = CpuRuntime.Version.ToString(),
        OpsetImport = { new OperatorSetIdProto { Version = Opset }, new OperatorSetIdProto { Domain = OnnxRuntime.OrtKernelSet.Domain, Version = 1 } },
        Graph = Graph,
    };

    public static ValueInfoProto Declaration(OnnxValue value, Dims? dims)
    {
        TypeProto.Types.Tensor tensor = new() { ElemType = (int)Types.Onnx(value.Type) };
        if (dims is { } known)
        {
            tensor.Shape = new TensorShapeProto();
            for (int axis = 0; axis < known.NbDims; axis++)
            {
                tensor.Shape.Dim.Add(known[axis] >= 0
                    ? new TensorShapeProto.Types.Dimension { DimValue = known[axis] }
                    : new TensorShapeProto.Types.Dimension { DimParam = $"{value.Name}_{axis}" });
            }
        }

        return new ValueInfoProto { Name = value.Name, Type = new TypeProto { TensorType = tensor } };
    }

    /// <summary>What the main graph calls a tensor; null for tensors of subgraphs.</summary>
    public OnnxValue? FindInMain(CpuTensor tensor)
    {
        mainNames ??= [.. Graph.Input.Select(input => input.Name), .. Graph.Initializer.Select(weight => weight.Name), .. Graph.Node.SelectMany(node => node.Output)];
        return scopes[0].Values.TryGetValue(tensor, out OnnxValue value) && mainNames.Contains(value.Name) ? value : null;
    }

    private NodeProto Append(string operation, ReadOnlySpan<OnnxValue> operands, ReadOnlySpan<AttributeProto> attributes)
    {
        GraphProto graph = scopes[current].Graph;
        NodeProto node = new() { OpType = operation, Name = layer is null ? $"n{graph.Node.Count}" : $"{layer.Label}/{graph.Node.Count}" };
        foreach (OnnxValue operand in operands)
        {
            node.Input.Add(operand.Name);
        }

        foreach (AttributeProto attribute in attributes)
        {
            node.Attribute.Add(attribute);
        }

        graph.Node.Add(node);
        return node;
    }

    private unsafe void Store(TensorProto tensor, nint address, long bytes)
    {
        if (bytes <= InlineBytes)
        {
            tensor.RawData = ByteString.CopyFrom(new ReadOnlySpan<byte>((void*)address, (int)bytes));
        }
        else
        {
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "plan" });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = weightBytes.ToString(CultureInfo.InvariantCulture) });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = bytes.ToString(CultureInfo.InvariantCulture) });
            blocks.Add(new WeightBlock(tensor.Name, address, bytes, weightBytes));
            weightBytes += NativeBlob.Aligned(bytes);
        }

        Graph.Initializer.Add(tensor);
    }

    private OnnxValue Scalar<T>(T number, DataType type)
        where T : unmanaged => Constant(type, [], MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in number)));

    private OnnxValue Constant(DataType type, ReadOnlySpan<long> dims, ReadOnlySpan<byte> bytes)
    {
        string key = $"{type}:{string.Join(',', dims.ToArray())}:{Convert.ToHexString(bytes)}";
        if (constants.TryGetValue(key, out OnnxValue known))
        {
            return known;
        }

        OnnxValue value = new(Name(), type);
        TensorProto tensor = new() { Name = value.Name, DataType = (int)Types.Onnx(type), RawData = ByteString.CopyFrom(bytes) };
        foreach (long dim in dims)
        {
            tensor.Dims.Add(dim);
        }

        Graph.Initializer.Add(tensor);
        constants.Add(key, value);
        return value;
    }

    private OnnxValue Element(DimExpr expression)
    {
        OnnxValue flat = Node("Reshape", inputs[expression.Input].Type, [inputs[expression.Input], Integers(-1)]);
        OnnxValue element = Node("Gather", flat.Type, [flat, Integers(expression.Index)]);
        return Cast(element, DataType.Int64);
    }

    private OnnxValue Produced(DimExpr expression)
    {
        CpuTensor tensor = Layer.Network.LayerList[expression.Input].OutputAt(expression.Index / Trt.Interop.Dims.MaxDims);
        int axis = expression.Index % Trt.Interop.Dims.MaxDims;
        return Node("Shape", DataType.Int64, [Value(tensor)], Attr.Int("start", axis), Attr.Int("end", axis + 1));
    }

    private OnnxValue Chain(string operation, DimExpr expression)
    {
        OnnxValue result = Number(expression.Operands[0]);
        foreach (DimExpr operand in expression.Operands[1..])
        {
            result = Node(operation, DataType.Int64, [result, Number(operand)]);
        }

        return result;
    }

    private OnnxValue Truth(string comparison, DimExpr expression) =>
        Cast(Node(comparison, DataType.Bool, [Number(expression.Operands[0]), Number(expression.Operands[1])]), DataType.Int64);

    /// <summary>A quotient, −1 where the divisor is a 0 that only a run knows: processors trap on those.</summary>
    private OnnxValue Divided(DimExpr expression, Func<OnnxValue, OnnxValue, OnnxValue> quotient)
    {
        OnnxValue left = Number(expression.Operands[0]);
        OnnxValue right = Number(expression.Operands[1]);
        if (expression.Operands[1].IsConstant)
        {
            return quotient(left, right);
        }

        OnnxValue isZero = Node("Equal", DataType.Bool, [right, Number(0, DataType.Int64)]);
        OnnxValue safe = Node("Where", DataType.Int64, [isZero, Number(1, DataType.Int64), right]);
        return Node("Where", DataType.Int64, [isZero, Number(-1, DataType.Int64), quotient(left, safe)]);
    }

    private OnnxValue FloorDiv(OnnxValue left, OnnxValue right)
    {
        OnnxValue rest = Node("Mod", DataType.Int64, [left, right]);
        return Node("Div", DataType.Int64, [Node("Sub", DataType.Int64, [left, rest]), right]);
    }

    private OnnxValue Negative(OnnxValue value) => Node("Neg", DataType.Int64, [value]);

    private OnnxValue Choice(DimExpr expression, long unless)
    {
        OnnxValue left = Number(expression.Operands[0]);
        OnnxValue isPlaceholder = Node("Equal", DataType.Bool, [left, Integers(unless)]);
        return Node("Where", DataType.Int64, [isPlaceholder, Number(expression.Operands[1]), left]);
    }

    private VectorFormat? Format(CpuTensor tensor) => IsLinear ? null : VectorFormat.Choose(tensor);

    private string Name() => string.Create(CultureInfo.InvariantCulture, $"t{counter++}");
}
