using Trt.Interop;

namespace Trt.Utils;

/// <summary>The constants of an ONNX model as tensors by name, copied when they are taken.</summary>
internal static class InitializerTensors
{
    /// <summary>Constants with these names; constant nodes count, by their output's name.</summary>
    /// <exception cref="OnnxFormatException">One cannot be read.</exception>
    public static WeightsMap Of(OnnxModel model, Func<string, bool> isWanted)
    {
        model.Optimize(["extract_constant_to_initializer"]);
        Dictionary<string, TorchTensor> tensors = new(StringComparer.Ordinal);
        foreach (OnnxInitializer initializer in model.Initializers)
        {
            if (isWanted(initializer.Name) && TypeOf(initializer.ElementType) is { } type)
            {
                tensors[initializer.Name] = TorchTensor.FromBytes(model.GetInitializer(initializer.Name).AsBytes().ToArray(), type, initializer.Dims.AsSpan());
            }
        }

        return WeightsMap.From(tensors);
    }

    private static TorchDType? TypeOf(OnnxElementType type) => type switch
    {
        OnnxElementType.Float => TorchDType.Float32,
        OnnxElementType.Double => TorchDType.Float64,
        OnnxElementType.Half => TorchDType.Float16,
        OnnxElementType.BFloat16 => TorchDType.BFloat16,
        OnnxElementType.Float8E4M3FN => TorchDType.Float8E4M3FN,
        OnnxElementType.Int8 => TorchDType.Int8,
        OnnxElementType.UInt8 => TorchDType.UInt8,
        OnnxElementType.Int32 => TorchDType.Int32,
        OnnxElementType.Int64 => TorchDType.Int64,
        OnnxElementType.Bool => TorchDType.Bool,
        _ => null,
    };
}
