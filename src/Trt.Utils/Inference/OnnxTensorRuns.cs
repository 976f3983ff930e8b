using Trt.Interop;

namespace Trt.Utils;

/// <summary>Runs engines on tensors of any element type, as ONNX sessions are run.</summary>
public static class OnnxTensorRuns
{
    /// <summary>Runs an engine once.</summary>
    /// <param name="runner">The engine.</param>
    /// <param name="inputs">A tensor for each input, by name, of the input's element type.</param>
    /// <returns>All outputs by name, in the engine's order.</returns>
    /// <exception cref="ArgumentException">An input is missing, or has another type or a shape that the engine cannot have.</exception>
    /// <exception cref="NotSupportedException">An output is of a type that ONNX does not have.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    public static IReadOnlyDictionary<string, OnnxTensor> Run(this InferenceRunner runner, IReadOnlyDictionary<string, OnnxTensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(runner);
        ArgumentNullException.ThrowIfNull(inputs);
        using InferenceContext context = runner.Rent();
        foreach (InferenceTensor input in context.Inputs)
        {
            Feed(input, inputs.TryGetValue(input.Name, out OnnxTensor? tensor) ? tensor : throw new ArgumentException($"Input \"{input.Name}\" of {runner.Name} has no value.", nameof(inputs)));
        }

        context.Run();
        OrderedDictionary<string, OnnxTensor> results = new(StringComparer.Ordinal);
        foreach (InferenceTensor output in context.Outputs)
        {
            results.Add(output.Name, OnnxTensor.FromBytes(TypeOf(output.Spec.DataType), output.Shape.ToArray(), output.Copy()));
        }

        return results;
    }

    /// <summary>The element type that ONNX has for one of TensorRT's.</summary>
    /// <param name="type">The type.</param>
    /// <exception cref="NotSupportedException">ONNX has none.</exception>
    public static OnnxElementType TypeOf(DataType type) => type switch
    {
        DataType.Float => OnnxElementType.Float,
        DataType.Half => OnnxElementType.Half,
        DataType.BF16 => OnnxElementType.BFloat16,
        DataType.FP8 => OnnxElementType.Float8E4M3FN,
        DataType.FP4 => OnnxElementType.Float4E2M1,
        DataType.E8M0 => OnnxElementType.Float8E8M0,
        DataType.Int4 => OnnxElementType.Int4,
        DataType.Int8 => OnnxElementType.Int8,
        DataType.UInt8 => OnnxElementType.UInt8,
        DataType.Int32 => OnnxElementType.Int32,
        DataType.Int64 => OnnxElementType.Int64,
        DataType.Bool => OnnxElementType.Bool,
        _ => throw new NotSupportedException($"ONNX has no element type like {type}."),
    };

    private static void Feed(InferenceTensor input, OnnxTensor tensor)
    {
        if (TypeOf(input.Spec.DataType) != tensor.ElementType)
        {
            throw new ArgumentException($"Input \"{input.Name}\" is {input.Spec.DataType}, but the tensor given is {tensor}.", nameof(tensor));
        }

        Dims shape = new(tensor.Dims.AsSpan());
        switch (input.Spec.DataType)
        {
            case DataType.Float: input.CopyFrom(tensor.AsSpan<float>(), shape); break;
            case DataType.Half: input.CopyFrom(tensor.AsSpan<Half>(), shape); break;
            case DataType.BF16: input.CopyFrom(tensor.AsSpan<ushort>(), shape); break;
            case DataType.Int8: input.CopyFrom(tensor.AsSpan<sbyte>(), shape); break;
            case DataType.Int32: input.CopyFrom(tensor.AsSpan<int>(), shape); break;
            case DataType.Int64: input.CopyFrom(tensor.AsSpan<long>(), shape); break;
            case DataType.Bool: input.CopyFrom(tensor.AsSpan<bool>(), shape); break;
            default: input.CopyFrom(tensor.AsBytes(), shape); break;
        }

        GC.KeepAlive(tensor);
    }
}
