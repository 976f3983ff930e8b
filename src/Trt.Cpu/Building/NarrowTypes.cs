using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Where tensors of types of 8 and 4 bits may come from, and which of these types this processor lacks.</summary>
internal static class NarrowTypes
{
    /// <summary>Checks all tensors of a network.</summary>
    /// <exception cref="Refusal">A layer makes what it cannot, or the runtime cannot compute with a type.</exception>
    public static void Check(CpuNetwork network)
    {
        CpuTensor[] made = [.. network.LayerList.SelectMany(layer => layer.Outputs)];
        foreach (CpuTensor tensor in made.Where(tensor => tensor.InferredType is DataType.FP8 or DataType.Int4 or DataType.FP4))
        {
            if (!Makes(tensor.Producer!.Type))
            {
                throw Refusal.Api($"Tensor {tensor} has type {Types.Name(tensor.InferredType)}, which only quantize, constant, concatenation, shuffle, identity and plugin layers make.");
            }
        }

        string[] lacking = [.. network.InputTensors.Concat(made).Select(tensor => tensor.InferredType).Where(type => Types.IsKnown(type) && !Types.IsSupported(type)).Distinct().Select(Types.Name)];
        if (lacking.Length > 0)
        {
            throw new Refusal(ErrorCode.UnspecifiedError, "Myelin",
                $"The network has tensors of type {string.Join(" and ", lacking)}, which only some GPUs compute with; ONNX Runtime has no CPU kernels for it. Use Int8, FP8 or Int4.");
        }
    }

    private static bool Makes(LayerType type) => type is LayerType.Quantize or LayerType.DynamicQuantize or LayerType.Constant or LayerType.Concatenation
        or LayerType.Shuffle or LayerType.Identity or LayerType.Plugin or LayerType.PluginV2 or LayerType.PluginV3;
}
