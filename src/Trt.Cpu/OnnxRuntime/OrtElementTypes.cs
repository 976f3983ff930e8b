using Trt.Cpu.OnnxRuntime.Native;
using Trt.Interop;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>Sizes of element types.</summary>
internal static class OrtElementTypes
{
    /// <summary>Bits of one element; 4-bit types are packed, two to a byte.</summary>
    /// <exception cref="ArgumentException">The elements have no fixed size: strings, or a type that is not known here.</exception>
    public static int Bits(this OrtElementType type) => type.ToOnnx().BitSize() is > 0 and int bits
        ? bits
        : throw new ArgumentException($"A tensor of {type} elements has no memory that can be shared with ONNX Runtime. Bind numbers or booleans.", nameof(type));

    /// <summary>Bytes of a tensor, rounded up where elements are smaller than a byte.</summary>
    /// <exception cref="ArgumentException">A dimension is negative, or the elements have no fixed size.</exception>
    /// <exception cref="OverflowException">The tensor is larger than memory can be.</exception>
    public static long BytesOf(this OrtElementType type, ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long dimension in shape)
        {
            count = dimension >= 0 ? checked(count * dimension)
                : throw new ArgumentException($"The shape {string.Join('x', shape.ToArray())} is not complete: give every dimension a size of 0 or more.", nameof(shape));
        }

        return checked((count * type.Bits()) + 7) / 8;
    }

    /// <summary>ONNX Runtime's number for an element type of ONNX; they part ways after the 4-bit floats.</summary>
    public static OrtElementType ToOrt(this OnnxElementType type) => type switch
    {
        OnnxElementType.Float8E8M0 => (OrtElementType)ONNXTensorElementDataType.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E8M0,
        OnnxElementType.UInt2 => (OrtElementType)ONNXTensorElementDataType.ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT2,
        OnnxElementType.Int2 => (OrtElementType)ONNXTensorElementDataType.ONNX_TENSOR_ELEMENT_DATA_TYPE_INT2,
        _ => (OrtElementType)type,
    };

    /// <summary>ONNX's element type for a number of ONNX Runtime.</summary>
    public static OnnxElementType ToOnnx(this OrtElementType type) => (ONNXTensorElementDataType)type switch
    {
        ONNXTensorElementDataType.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E8M0 => OnnxElementType.Float8E8M0,
        ONNXTensorElementDataType.ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT2 => OnnxElementType.UInt2,
        ONNXTensorElementDataType.ONNX_TENSOR_ELEMENT_DATA_TYPE_INT2 => OnnxElementType.Int2,
        _ => (OnnxElementType)type,
    };
}
