using Trt.Interop;
using OnnxCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Quantizing and its reverse.</summary>
internal static class Quantizations
{
    public static void Register(ImporterTable table)
    {
        table.Add("QuantizeLinear", Quantize);
        table.Add("DequantizeLinear", Dequantize, CheckDequantize);
        table.Add("TRT_FP4DynamicQuantize", Dynamic);
    }

    private static void CheckDequantize(ImportNode node)
    {
        if (node.Has(0) && node.Model.Scope.TryFind(node.Proto.Input[0], out ImportedValue? value) && value?.Type == DataType.UInt8)
        {
            throw node.Unsupported("DequantizeLinear does not take input of type UINT8.");
        }
    }

    private static ITensor Quantize(ImportNode node)
    {
        DataType type = node.Has(2) ? node.Type(2)
            : node.Int("output_dtype", 0) is not 0 and long number ? Conversions.Type(node, number)
            : DataType.UInt8;
        ITensor x = node.Tensor(0);
        ITensor scale = node.Tensor(1);
        int axis = node.Rank(scale) > 0 ? node.Axis(node.Int("axis", 1), node.Rank(x)) : 0;
        if (type == DataType.UInt8 || HasZeroPoint(node))
        {
            return Shifted(node, x, scale, axis, type);
        }

        IQuantizeLayer layer = node.Network.AddQuantize(x, scale, type);
        if (node.Rank(scale) > 0)
        {
            layer.Axis = axis;
        }

        return node.Out(layer);
    }

    private static ITensor Dequantize(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        if (x.Type is DataType.Int4 or DataType.FP4 && x.Dimensions is { IsStatic: true, Volume: long count } && count % 2 != 0)
        {
            throw node.Invalid($"Numbers of 4 bits come in pairs, but there are {count}.");
        }

        ITensor scale = node.Tensor(1);
        int axis = node.Rank(scale) > 0 ? node.Axis(node.Int("axis", 1), node.Rank(x)) : 0;
        if (HasZeroPoint(node))
        {
            ITensor shift = Spread(node, node.AddCast(node.Tensor(2), scale.Type), node.Rank(x), axis);
            ITensor centered = node.ElementWise(node.AddCast(x, scale.Type), shift, ElementWiseOperation.Sub);
            return node.ElementWise(centered, Spread(node, scale, node.Rank(x), axis), ElementWiseOperation.Prod);
        }

        IDequantizeLayer layer = node.Network.AddDequantize(x, scale, scale.Type);
        if (node.Rank(scale) > 0)
        {
            layer.Axis = axis;
        }

        return node.Out(layer);
    }

    /// <summary>TensorRT's layer quantizes symmetrically to signed numbers: others are rounded, shifted and cut off by layers of their own.</summary>
    private static ITensor Shifted(ImportNode node, ITensor x, ITensor scale, int axis, DataType type)
    {
        int rank = node.Rank(x);
        ITensor rounded = node.Unary(node.ElementWise(x, Spread(node, scale, rank, axis), ElementWiseOperation.Div), UnaryOperation.Round);
        if (node.Has(2))
        {
            ITensor shift = Spread(node, node.AddCast(node.Tensor(2), x.Type), rank, axis);
            rounded = node.ElementWise(rounded, shift, ElementWiseOperation.Sum);
        }

        (float least, float most) = type == DataType.UInt8 ? (0f, 255f) : (-128f, 127f);
        return node.Out(node.Network.AddCast(node.Activation(rounded, ActivationType.Clip, least, most), type));
    }

    /// <summary>A number for all elements, or one for each place on an axis, with the rank of the data.</summary>
    private static ITensor Spread(ImportNode node, ITensor x, int rank, int axis)
    {
        if (node.Rank(x) > 1)
        {
            return Repeated(node, x, axis);
        }

        long[] shape = [.. Enumerable.Repeat(1L, rank)];
        if (node.Rank(x) == 1 && rank > 0)
        {
            shape[axis] = -1;
        }

        return node.Reshape(x, shape);
    }

    /// <summary>Numbers of blocks, each as often as its block is long.</summary>
    private static ITensor Repeated(ImportNode node, ITensor x, int axis)
    {
        long block = node.Int("block_size", 0);
        long[] dims = x.Dimensions.ToArray();
        if (block < 1 || dims.Any(extent => extent < 0))
        {
            throw node.Unsupported($"{node.Operator} with a scale of {dims.Length} dimensions needs a block_size and known extents.", OnnxCode.UnsupportedNodeShape);
        }

        long[] each = [.. dims[..(axis + 1)], block, .. dims[(axis + 1)..]];
        long[] strides = [.. Enumerable.Repeat(1L, each.Length)];
        strides[axis + 1] = 0;
        ITensor apart = node.Unsqueeze(x, axis + 1);
        ITensor spread = node.Out(node.Network.AddSlice(apart, Extents.Same(each.Length, 0), new Dims(each), new Dims(strides)));
        dims[axis] *= block;
        return node.Reshape(spread, dims);
    }

    private static bool HasZeroPoint(ImportNode node) =>
        node.Has(2) && node.Type(2) is DataType.Int8 or DataType.UInt8 && (!node.IsConstant(2) || node.Integers(2).Any(value => value != 0));

    private static ITensor[] Dynamic(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        IDynamicQuantizeLayer layer = node.Network.AddDynamicQuantize(
            x, node.Axis(node.Int("axis", -1), rank), (int)node.Int("block_size", 16), DataType.FP4, Conversions.Type(node, node.Int("scale_type", OnnxTypes.Float8E4M3)));
        layer.SetInput(1, node.Scalar(node.Tensor(1)));
        node.Named(layer);
        return [layer.GetOutput(0), layer.GetOutput(1)];
    }
}
