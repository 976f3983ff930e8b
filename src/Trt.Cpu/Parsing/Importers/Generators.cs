using Trt.Interop;
using OnnxCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Operators that make tensors of shapes: extents, constants, ranges, random numbers.</summary>
internal static class Generators
{
    public static void Register(ImporterTable table)
    {
        table.Add("Shape", Shape);
        table.Add("Size", Size);
        table.Add("ConstantOfShape", ConstantOfShape);
        table.Add("Range", Range);
        table.Add("EyeLike", EyeLike);
        table.Add("RandomUniform", node => Random(node, Uniform(node), Extents(node)));
        table.Add("RandomUniformLike", node => Random(node, Uniform(node), ShapeValues.Of(node, node.Tensor(0))));
        table.Add("RandomNormal", node => Random(node, Normal(node), Extents(node)));
        table.Add("RandomNormalLike", node => Random(node, Normal(node), ShapeValues.Of(node, node.Tensor(0))));
    }

    private static ITensor Shape(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        ITensor shape = node.Out(node.Network.AddCast(node.Out(node.Network.AddShape(x)), DataType.Int64));
        long Place(long value) => Math.Clamp(value < 0 ? value + rank : value, 0, rank);
        long start = Place(node.Int("start", 0));
        long count = Math.Max(0, Place(node.Int("end", rank)) - start);
        return count == rank ? shape : node.Out(node.Network.AddSlice(shape, new Dims(start), new Dims(count), new Dims(1)));
    }

    private static ITensor Size(ImportNode node)
    {
        ShapeValues count = ShapeValues.Of(node, node.Tensor(0)).Product(node, 0, node.Rank(0));
        return count.IsKnown ? node.Int64(count[0]!.Value) : node.Scalar(count.Tensor(node));
    }

    private static ITensor ConstantOfShape(ImportNode node)
    {
        ShapeValues shape = ShapeValues.From(node, 0);
        ConstantValues value = node.TensorAttribute("value") ?? ConstantValues.Of(new float[1]);
        if (value.Count != 1)
        {
            throw node.Invalid($"The value of ConstantOfShape must be one number; it has {value.Count}.");
        }

        return node.Filled(node.Tensor(value), shape);
    }

    private static ITensor Range(ImportNode node)
    {
        DataType type = node.Type(0);
        if (node.Type(1) != type || node.Type(2) != type)
        {
            throw node.Invalid("Start, limit and delta of Range must have the same type.");
        }

        if (type is not (DataType.Int32 or DataType.Int64 or DataType.Float))
        {
            throw node.Unsupported($"Range takes INT32, INT64 and FLOAT inputs, not {Types.Short(type)}.");
        }

        if (Enumerable.Range(0, 3).All(node.IsConstant))
        {
            return Counted(node, type);
        }

        ITensor Bound(int input) => type == DataType.Float ? node.Scalar(node.Tensor(input)) : node.AddCast(node.Scalar(node.Tensor(input)), type);
        ITensor start = Bound(0);
        ITensor limit = Bound(1);
        ITensor delta = Bound(2);

        // ceil((limit − start) / delta) as −floor((start − limit) / delta), at least 0.
        ITensor quotient = node.ElementWise(node.ElementWise(start, limit, ElementWiseOperation.Sub), delta, ElementWiseOperation.FloorDiv);
        quotient = type == DataType.Int64 ? quotient : node.AddCast(quotient, DataType.Int64);
        ITensor zero = node.Int64(0);
        ITensor count = node.ElementWise(node.ElementWise(zero, quotient, ElementWiseOperation.Sub), zero, ElementWiseOperation.Max);
        ITensor extents = node.Reshape(count, [1]);
        IFillLayer layer = node.Network.AddFill(default, FillOperation.Linspace, type);
        layer.SetInput(0, extents);
        layer.SetInput(1, start);
        layer.SetInput(2, node.Reshape(delta, [1]));
        return node.Out(layer);
    }

    private static ITensor Counted(ImportNode node, DataType type)
    {
        double start = node.Constant(0).ToNumbers()[0];
        double limit = node.Constant(1).ToNumbers()[0];
        double delta = node.Constant(2).ToNumbers()[0];
        if (delta == 0)
        {
            throw node.Invalid("The delta of Range must not be 0.");
        }

        long count = Math.Max(0, (long)Math.Ceiling((limit - start) / delta));
        IFillLayer layer = node.Network.AddFill(new Dims(count), FillOperation.Linspace, type);
        layer.SetInput(1, node.Tensor(node.Constant(0).Reshaped([])));
        layer.SetInput(2, node.Tensor(node.Constant(2).Reshaped([1])));
        return node.Out(layer);
    }

    private static ITensor EyeLike(ImportNode node)
    {
        node.RefuseTypes(0, DataType.UInt8);
        long[] dims = node.Dims(0);
        if (dims.Length != 2 || dims.Any(extent => extent < 0))
        {
            throw node.Unsupported("EyeLike takes a matrix whose extents are known.");
        }

        long diagonal = node.Int("k", 0);
        int[] values = new int[dims[0] * dims[1]];
        for (long row = Math.Max(0, -diagonal); row < dims[0] && row + diagonal < dims[1]; row++)
        {
            values[(row * dims[1]) + row + diagonal] = 1;
        }

        DataType type = node.HasAttribute("dtype") ? Conversions.Type(node, node.Int("dtype")) : node.Type(0);
        ITensor eye = node.Out(node.Network.AddConstant(new Dims(dims), Weights.From(values)));
        return type == DataType.Int32 ? eye : node.AddCast(eye, type);
    }

    private static ShapeValues Extents(ImportNode node) => ShapeValues.Vector(node.Ints("shape") ?? throw new MissingAttributeException("shape"));

    private static (FillOperation Operation, float First, float Second) Uniform(ImportNode node) =>
        (FillOperation.RandomUniform, node.Float("low", 0), node.Float("high", 1));

    private static (FillOperation Operation, float First, float Second) Normal(ImportNode node) =>
        (FillOperation.RandomNormal, node.Float("mean", 0), node.Float("scale", 1));

    private static ITensor Random(ImportNode node, (FillOperation Operation, float First, float Second) parameters, ShapeValues shape)
    {
        DataType type = node.HasAttribute("dtype") && node.Int("dtype") == OnnxTypes.Double ? Types.None
            : node.HasAttribute("dtype") ? OnnxTypes.ToTensorRt(node.Int("dtype")) ?? Types.None
            : node.InputCount > 0 ? node.Type(0) : DataType.Float;
        if (!Types.IsFloating(type))
        {
            throw node.Unsupported($"{node.Operator} makes numbers of 16 and 32 bits only.", OnnxCode.InvalidValue);
        }

        IFillLayer layer = node.Network.AddFill(shape.IsKnown ? shape.Parameter : default, parameters.Operation, type);
        if (!shape.IsKnown)
        {
            layer.SetInput(0, shape.Tensor(node));
        }

        layer.Alpha = parameters.First;
        layer.Beta = parameters.Second;
        return node.Out(layer);
    }
}
