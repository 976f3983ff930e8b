using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>Element types of TensorRT and ONNX as those of tensors in files.</summary>
internal static class ElementType
{
    /// <exception cref="UserError">Files have no such type.</exception>
    public static TorchDType Of(DataType type, string tensor) => type switch
    {
        DataType.Float => TorchDType.Float32,
        DataType.Half => TorchDType.Float16,
        DataType.BF16 => TorchDType.BFloat16,
        DataType.FP8 => TorchDType.Float8E4M3FN,
        DataType.Int8 => TorchDType.Int8,
        DataType.UInt8 => TorchDType.UInt8,
        DataType.Int32 => TorchDType.Int32,
        DataType.Int64 => TorchDType.Int64,
        DataType.Bool => TorchDType.Bool,
        _ => throw new UserError($"Tensor \"{tensor}\" is {type}, whose values no file or table can hold. Build the model with another type at that tensor."),
    };

    /// <exception cref="UserError">Files have no such type.</exception>
    public static TorchDType Of(OnnxElementType type, string tensor) => type switch
    {
        OnnxElementType.Float => TorchDType.Float32,
        OnnxElementType.Double => TorchDType.Float64,
        OnnxElementType.Half => TorchDType.Float16,
        OnnxElementType.BFloat16 => TorchDType.BFloat16,
        OnnxElementType.Float8E4M3FN => TorchDType.Float8E4M3FN,
        OnnxElementType.Float8E5M2 => TorchDType.Float8E5M2,
        OnnxElementType.Int8 => TorchDType.Int8,
        OnnxElementType.Int16 => TorchDType.Int16,
        OnnxElementType.Int32 => TorchDType.Int32,
        OnnxElementType.Int64 => TorchDType.Int64,
        OnnxElementType.UInt8 => TorchDType.UInt8,
        OnnxElementType.UInt16 => TorchDType.UInt16,
        OnnxElementType.UInt32 => TorchDType.UInt32,
        OnnxElementType.UInt64 => TorchDType.UInt64,
        OnnxElementType.Bool => TorchDType.Bool,
        _ => throw new UserError($"Tensor \"{tensor}\" is {type}, whose values no file or table can hold."),
    };

    /// <summary>The same as ONNX names it.</summary>
    public static OnnxElementType ToOnnx(this TorchDType type) => type switch
    {
        TorchDType.Float32 => OnnxElementType.Float,
        TorchDType.Float64 => OnnxElementType.Double,
        TorchDType.Float16 => OnnxElementType.Half,
        TorchDType.BFloat16 => OnnxElementType.BFloat16,
        TorchDType.Float8E4M3FN => OnnxElementType.Float8E4M3FN,
        TorchDType.Float8E5M2 => OnnxElementType.Float8E5M2,
        TorchDType.Int8 => OnnxElementType.Int8,
        TorchDType.Int16 => OnnxElementType.Int16,
        TorchDType.Int32 => OnnxElementType.Int32,
        TorchDType.Int64 => OnnxElementType.Int64,
        TorchDType.UInt8 => OnnxElementType.UInt8,
        TorchDType.UInt16 => OnnxElementType.UInt16,
        TorchDType.UInt32 => OnnxElementType.UInt32,
        TorchDType.UInt64 => OnnxElementType.UInt64,
        TorchDType.Bool => OnnxElementType.Bool,
        _ => throw new UserError($"{type.TorchName()} is no type of ONNX tensors."),
    };
}
