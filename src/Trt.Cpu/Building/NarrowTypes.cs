using Trt.Cpu.Layers;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Where tensors of types of 8 and 4 bits may come from, and which of these types this processor lacks.</summary>
internal static class NarrowTypes
{
    /// <summary>Checks all tensors of a network.</summary>
    /// <exception cref="Refusal">A layer makes what it cannot, or the runtime cannot compute with a type.</exception>
    public static void Check(CpuNetwork network)
    {
        if (network.IsStronglyTyped && network.LayerList.FirstOrDefault(layer => layer is Constant && IsMisplaced(layer.OutputAt(0))) is { } constant)
        {
            throw Refusal.Api($"{constant.Label}: a constant of the quantized type {Types.Name(constant.OutputAt(0).InferredType)} can only be read by dequantize and plugin layers.");
        }

        CpuTensor[] all = [.. network.InputTensors, .. network.LayerList.SelectMany(layer => layer.Outputs)];
        foreach (CpuTensor tensor in all.Where(tensor => IsStored(tensor.InferredType)))
        {
            if (tensor.Producer is { } maker && !Makes(maker.Type))
            {
                throw Refusal.Api($"Tensor {tensor} has type {Types.Name(tensor.InferredType)}, which only quantize, constant, concatenation, shuffle, identity and plugin layers make.");
            }

            if (tensor.Consumers.FirstOrDefault(reader => !Reads(reader.Type)) is { } wrong)
            {
                throw Refusal.Api($"Tensor {tensor} has type {Types.Name(tensor.InferredType)}, which only dequantize, concatenation, shuffle, shape, identity and plugin layers read, not a layer of kind {wrong.Type}.");
            }
        }

        if (network.IsStronglyTyped && network.LayerList.FirstOrDefault(layer => !ComputesInt8(layer)) is { } narrow)
        {
            throw new Refusal(ErrorCode.UnspecifiedError, "Myelin", $"{narrow.Label}: there is no such function of Int8 numbers; dequantize them first.");
        }

        string[] lacking = [.. all.Select(tensor => tensor.InferredType).Where(type => Types.IsKnown(type) && !Types.IsSupported(type)).Distinct().Select(Types.Name)];
        if (lacking.Length > 0)
        {
            throw new Refusal(ErrorCode.UnspecifiedError, "Myelin",
                $"The network has tensors of type {string.Join(" and ", lacking)}, which only some GPUs compute with; ONNX Runtime has no CPU kernels for it. Use Int8, FP8 or Int4.");
        }
    }

    private static bool IsStored(DataType type) => type is DataType.FP8 or DataType.Int4 or DataType.FP4;

    private static bool IsMisplaced(CpuTensor constant) => (IsStored(constant.InferredType) || constant.InferredType == DataType.Int8)
        && (constant.IsNetworkOutput || constant.Consumers.Any(reader => reader is not Dequantize && !IsPlugin(reader.Type)));

    private static bool IsPlugin(LayerType type) => type is LayerType.Plugin or LayerType.PluginV2 or LayerType.PluginV3;

    private static bool Makes(LayerType type) => IsPlugin(type)
        || type is LayerType.Quantize or LayerType.DynamicQuantize or LayerType.Constant or LayerType.Concatenation or LayerType.Shuffle or LayerType.Identity;

    private static bool Reads(LayerType type) => IsPlugin(type)
        || type is LayerType.Dequantize or LayerType.Concatenation or LayerType.Shuffle or LayerType.Shape or LayerType.Identity;

    /// <summary>Functions whose results 8 bits could not hold are defined for floats only.</summary>
    private static bool ComputesInt8(CpuLayer layer) => layer.InputAt(0)?.InferredType != DataType.Int8 || layer switch
    {
        Unary unary => unary.Operation is UnaryOperation.Abs or UnaryOperation.Neg or UnaryOperation.Sign or UnaryOperation.Recip or UnaryOperation.Erf,
        Activation activation => activation.ActivationType is ActivationType.Relu or ActivationType.LeakyRelu or ActivationType.Softsign or ActivationType.Clip
            or ActivationType.HardSigmoid or ActivationType.ThresholdedRelu,
        ElementWise elementWise => elementWise.Operation != ElementWiseOperation.Pow,
        Reduce reduce => reduce.Operation != ReduceOperation.Avg,
        _ => layer is not (MatrixMultiply or SoftMax or RaggedSoftMax),
    };
}
