using Trt.Interop;

namespace Trt.Utils;

/// <summary>Tensors of a checkpoint as weights of a network.</summary>
public static class TorchTensorWeights
{
    /// <summary>The tensor's values as weights, without a copy where the file holds them in order.</summary>
    /// <param name="tensor">A tensor; the file that it is of must stay open until the engine is built. Views are brought into order.</param>
    /// <returns>Weights that keep the tensor referenced.</returns>
    /// <exception cref="NotSupportedException">TensorRT has no such element type (float64, float8_e5m2, int16, the unsigned integers above 8 bits and the complex types).</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint has been disposed.</exception>
    public static Weights ToWeights(this TorchTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        DataType type = tensor.DType switch
        {
            TorchDType.Float32 => DataType.Float,
            TorchDType.Float16 => DataType.Half,
            TorchDType.BFloat16 => DataType.BF16,
            TorchDType.Float8E4M3FN => DataType.FP8,
            TorchDType.Int8 => DataType.Int8,
            TorchDType.UInt8 => DataType.UInt8,
            TorchDType.Int32 => DataType.Int32,
            TorchDType.Int64 => DataType.Int64,
            TorchDType.Bool => DataType.Bool,
            _ => throw new NotSupportedException($"Tensor \"{tensor.Name}\" is {tensor.DType.TorchName()}, which TensorRT has no weights of. Use ConvertTo(TorchDType.Float32), or Int32 for integers, first."),
        };
        TorchTensor whole = tensor.ToContiguous();
        return new Weights(type, whole.Pointer, whole.ElementCount, whole);
    }

    /// <summary>The tensor's extents.</summary>
    /// <param name="tensor">A tensor of at most eight axes.</param>
    /// <exception cref="ArgumentException">It has more than eight axes.</exception>
    public static Dims ToDims(this TorchTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return new Dims([.. tensor.Shape]);
    }
}
