using Trt.Interop;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Operators of the standard that are plugins in TensorRT: they work where a creator of that name is registered.</summary>
internal static class Plugins
{
    public static void Register(ImporterTable table)
    {
        table.Add("CausalConvWithState", node => Standard(node, ParseCode.InvalidNode));
        table.Add("LinearAttention", node => Standard(node, ParseCode.InvalidNode));
        table.Add("RoiAlign", RoiAlign);
    }

    private static ImportedValue?[] Standard(ImportNode node, ParseCode code) => PluginFallback.Add(node, Creator(node, node.Operator, "1", code));

    private static IPluginCreatorInterface Creator(ImportNode node, string name, string version, ParseCode code) =>
        PluginFallback.Find(node, name, version) ?? throw node.Unsupported($"{node.Operator} is a plugin in TensorRT, but no plugin {name} of version {version} is registered.", code);

    private static ImportedValue?[] RoiAlign(ImportNode node)
    {
        if (node.Dims(1) is not [_, 4])
        {
            throw node.Invalid($"The regions of RoiAlign must have dimensions [number, 4]; they have [{string.Join(", ", node.Dims(1))}].");
        }

        IPluginCreatorInterface creator = Creator(node, "ROIAlign_TRT", "2", ParseCode.UnsupportedNode);
        bool isHalfPixel = node.Opset >= 16 && node.Text("coordinate_transformation_mode", "half_pixel") == "half_pixel";
        PluginFieldCollection fields = new(
        [
            Number("coordinate_transformation_mode", isHalfPixel ? 1 : 0),
            Number("mode", node.Text("mode", "avg") == "avg" ? 1 : 0),
            Number("output_height", node.Int("output_height", 1)),
            Number("output_width", node.Int("output_width", 1)),
            Number("sampling_ratio", node.Int("sampling_ratio", 1)),
            PluginField.From<float>("spatial_scale", PluginFieldType.Float32, [node.Float("spatial_scale", 1)]),
        ]);
        return PluginFallback.Add(node, creator, [node.Tensor(0), node.Tensor(1), node.Cast(node.Tensor(2), DataType.Int32)], fields);
    }

    private static PluginField Number(string name, long value) => PluginField.From<int>(name, PluginFieldType.Int32, [checked((int)value)]);
}
