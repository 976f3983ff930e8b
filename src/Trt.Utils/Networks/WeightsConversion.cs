using Trt.Interop;

namespace Trt.Utils;

/// <summary>Tensors of a checkpoint as weights of the type that a network computes in.</summary>
internal static class WeightsConversion
{
    /// <summary>Without a copy where the type is the same already.</summary>
    public static Weights To(TorchTensor tensor, DataType type)
    {
        TorchDType wanted = type switch
        {
            DataType.Float => TorchDType.Float32,
            DataType.Half => TorchDType.Float16,
            DataType.BF16 => TorchDType.BFloat16,
            _ => throw new NotSupportedException($"Weights of a checkpoint become Float, Half or BF16, but what \"{tensor.Name}\" is to meet is {type}. Cast that first."),
        };
        if (!tensor.DType.IsFloatingPoint())
        {
            throw new NotSupportedException($"{tensor} holds no floating-point numbers, so it is no weight of a layer. Dequantise it first.");
        }

        return (tensor.DType == wanted ? tensor.ToContiguous() : tensor.ConvertTo(wanted)).ToWeights();
    }

    /// <summary>Single precision rounded to a type.</summary>
    public static Weights From(float[] values, DataType type) => type == DataType.Float ? Weights.From(values) : To(TorchTensor.FromArray(values, values.Length), type);
}
