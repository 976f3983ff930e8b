namespace Trt.Utils;

/// <summary>Tensors in other element types, and without denormals.</summary>
public static unsafe class TorchTensorConversion
{
    /// <summary>The values in another element type.</summary>
    /// <param name="tensor">A tensor of any type but the complex ones.</param>
    /// <param name="type">The type wanted; none of the complex ones.</param>
    /// <param name="rule">What may happen to values.</param>
    /// <returns>The tensor itself if it is of that type already, else a copy in memory that needs no open file.</returns>
    /// <exception cref="InvalidOperationException">Values would be lost that <paramref name="rule"/> protects; the message says how many and shows one.</exception>
    /// <exception cref="NotSupportedException">One of the types is complex.</exception>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public static TorchTensor ConvertTo(this TorchTensor tensor, TorchDType type, ConversionRule rule = ConversionRule.Rounded)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (type.IsComplex())
        {
            throw new NotSupportedException($"{tensor} cannot become {type.TorchName()}: TensorRT has no complex types.");
        }

        if (tensor.DType == type)
        {
            return tensor;
        }

        TorchTensor result = TorchTensor.New(type, tensor.Shape, tensor.Name, out byte* target);
        nint address = (nint)target;
        ElementLosses losses = tensor.Read(source => ElementConversion.Convert((byte*)source, tensor.DType, (byte*)address, type, tensor.ElementCount));
        string? refusal = losses.Against(rule, type);
        return refusal is null
            ? result
            : throw new InvalidOperationException($"{tensor} cannot become {type.TorchName()}: {refusal} {(rule == ConversionRule.Exact ? "Pass ConversionRule.Rounded or ConversionRule.Lossy to accept that." : "Pass ConversionRule.Lossy to accept that.")}");
    }

    /// <summary>How many values are denormal: not 0, but smaller than the smallest normal number of their type. Arithmetic with them is slow on most processors.</summary>
    /// <param name="tensor">A tensor of any type.</param>
    /// <returns>The number; 0 for types other than float64, float32, float16 and bfloat16.</returns>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public static long CountDenormals(this TorchTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return Denormals.Has(tensor.DType) ? tensor.Read(source => Denormals.Count((byte*)source, tensor.DType, tensor.ElementCount)) : 0;
    }

    /// <summary>The values with denormal ones (<see cref="CountDenormals"/>) replaced by 0 of the same sign.</summary>
    /// <param name="tensor">A tensor of any type.</param>
    /// <param name="rounded">How many there were.</param>
    /// <returns>The tensor itself if there were none, else a copy in memory that needs no open file.</returns>
    /// <exception cref="ObjectDisposedException">The file has been disposed.</exception>
    public static TorchTensor RoundDenormals(this TorchTensor tensor, out long rounded)
    {
        rounded = CountDenormals(tensor);
        if (rounded == 0)
        {
            return tensor;
        }

        TorchTensor result = TorchTensor.New(tensor.DType, tensor.Shape, tensor.Name, out byte* target);
        nint address = (nint)target;
        tensor.Read(source =>
        {
            Buffer.MemoryCopy((void*)source, (void*)address, tensor.ByteCount, tensor.ByteCount);
            return true;
        });
        Denormals.Clear(target, tensor.DType, tensor.ElementCount);
        GC.KeepAlive(result);
        return result;
    }
}
