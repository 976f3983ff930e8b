using Trt.Interop;

namespace Trt.Utils;

/// <summary>Tensors of a checkpoint as weights of a network.</summary>
public static class TorchTensorWeights
{
    /// <summary>The tensor's values as weights, without a copy where the file holds them in order.</summary>
    /// <param name="tensor">A tensor; its checkpoint must stay open until the engine is built.</param>
    /// <returns>Weights that keep the tensor referenced.</returns>
    /// <exception cref="NotSupportedException">TensorRT has no such element type (float64, int16 and complex types).</exception>
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
            _ => throw new NotSupportedException($"Tensor \"{tensor.Name}\" is {tensor.DType.TorchName()}, which TensorRT has no weights of; convert it to float32 first."),
        };
        return new Weights(type, tensor.Pointer, tensor.ElementCount, tensor);
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
