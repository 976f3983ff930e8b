using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>The inputs of a model before there is an engine of it.</summary>
internal static class ModelSlots
{
    /// <summary>What an ONNX model, or weights of a known architecture, take.</summary>
    /// <param name="path">The model.</param>
    /// <param name="architecture">As for <see cref="ModelLoading.Source"/>.</param>
    /// <returns>Null for a plan, which has to be loaded for that.</returns>
    /// <exception cref="UserError">No architecture has that name, or none recognises the weights.</exception>
    public static IReadOnlyList<TensorSlot>? Of(string path, string? architecture)
    {
        switch (ModelLoading.Kind(path))
        {
            case Framework.Plan:
                return null;
            case Framework.Onnx:
                using (OnnxModel model = OnnxModel.LoadOutline(path))
                {
                    HashSet<string> constants = [.. model.Initializers.Select(initializer => initializer.Name)];
                    return [.. model.Inputs.Where(input => !constants.Contains(input.Name)).Select(TensorSlot.Of)];
                }

            default:
                using (WeightsMap weights = WeightsMap.Open(path))
                {
                    IModelBuilder builder = (architecture is null ? ModelBuilders.Find(weights) : ModelLoading.Architecture(architecture))
                        ?? throw new UserError($"{path} has weights of no architecture that is known ({string.Join(", ", ModelBuilders.All.Select(known => known.Name))}): say one with --architecture, or take an ONNX model.");
                    return [.. builder.InputsFor(weights).Select(input => new TensorSlot(input.Name, ElementType.Of(input.Type, input.Name), input.Dimensions.ToArray()))];
                }
        }
    }
}
