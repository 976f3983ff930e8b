using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Cpu;

/// <content>Arithmetic of indices, for layers that ONNX has no operator for.</content>
internal sealed partial class Lowering
{
    /// <summary>A number that shapes are made of, as a scalar.</summary>
    public OnnxValue Scalar(DimExpr expression) => Node("Squeeze", DataType.Int64, [Number(expression)]);

    /// <summary>The integers from 0 to below a count.</summary>
    public OnnxValue Range(DimExpr count) => Node("Range", DataType.Int64, [Number(0, DataType.Int64), Scalar(count), Number(1, DataType.Int64)]);

    /// <summary>An operation on integers of 64 bits.</summary>
    public OnnxValue Whole(string operation, OnnxValue left, OnnxValue right) => Node(operation, DataType.Int64, [left, right]);

    public OnnxValue Compare(string operation, OnnxValue left, OnnxValue right) => Node(operation, DataType.Bool, [left, right]);

    public OnnxValue Both(OnnxValue left, OnnxValue right) => Node("And", DataType.Bool, [left, right]);

    public OnnxValue Where(OnnxValue condition, OnnxValue yes, OnnxValue no) => Node("Where", yes.Type, [condition, yes, no]);

    /// <summary>A value in a type that ONNX Runtime can choose, expand and scatter elements of; it is exact, and Set converts back.</summary>
    public OnnxValue Carried(OnnxValue value) => value.Type switch
    {
        DataType.Half or DataType.BF16 => Cast(value, DataType.Float),
        DataType.Bool => Cast(value, DataType.UInt8),
        DataType.Int8 => Cast(value, DataType.Int32),
        _ => value,
    };

    /// <summary>A list of 32-bit floats.</summary>
    public OnnxValue Reals(params ReadOnlySpan<float> list) => Constant(DataType.Float, [list.Length], MemoryMarshal.AsBytes(list));

    public OnnxValue Gather(OnnxValue data, OnnxValue indices, long axis) => Node("Gather", data.Type, [data, indices], Attr.Int("axis", axis));

    public OnnxValue Reshape(OnnxValue value, ReadOnlySpan<DimExpr> dims) => Node("Reshape", value.Type, [value, Shape(dims)], Attr.Int("allowzero", 1));

    public OnnxValue Expand(OnnxValue value, ReadOnlySpan<DimExpr> dims) => Node("Expand", value.Type, [value, Shape(dims)]);

    public OnnxValue Unsqueeze(OnnxValue value, params ReadOnlySpan<long> axes) => axes.IsEmpty ? value : Node("Unsqueeze", value.Type, [value, Integers(axes)]);

    public OnnxValue Transpose(OnnxValue value, params ReadOnlySpan<long> order)
    {
        bool straight = true;
        for (int i = 0; i < order.Length; i++)
        {
            straight &= order[i] == i;
        }

        return straight ? value : Node("Transpose", value.Type, [value], Attr.Ints("perm", order));
    }
}
