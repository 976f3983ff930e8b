using System.Runtime.InteropServices;
using Google.Protobuf;
using Trt.Cpu.OnnxRuntime;
using Trt.Interop;
using Trt.Onnx;
using Kind = Trt.Onnx.AttributeProto.Types.AttributeType;

namespace Trt.Cpu;

/// <summary>Nodes of plugins as parsers read them: the plugin's name is the operator, its version, namespace and fields are attributes.</summary>
internal static class PluginNodes
{
    /// <summary>Says of each node that a plugin computes which one that is, also in subgraphs.</summary>
    public static void Describe(GraphProto graph, IReadOnlyList<PlanPlugin> plugins)
    {
        foreach (NodeProto node in graph.Node)
        {
            foreach (AttributeProto attribute in node.Attribute.Where(attribute => attribute.G is not null))
            {
                Describe(attribute.G, plugins);
            }

            if (node.Domain == OrtKernelSet.Domain)
            {
                PlanPlugin plugin = plugins.Single(plugin => plugin.Kernel == node.OpType);
                node.OpType = plugin.Identity.Name;
                node.Attribute.Add(Attr.Text("plugin_version", plugin.Identity.Version));
                node.Attribute.Add(Attr.Text("plugin_namespace", plugin.Identity.Namespace));
                node.Attribute.AddRange(plugin.Fields.Select(Attribute));
                if (plugin.Data.Length > 0)
                {
                    node.Attribute.Add(Numbers("plugin_data", OrtElementType.UInt8, plugin.Data.Length, plugin.Data));
                }
            }
        }
    }

    private static AttributeProto Attribute(PlanPluginField field) => field.Type switch
    {
        PluginFieldType.Char => new() { Name = field.Name, Type = Kind.String, S = ByteString.CopyFrom(field.Values.AsSpan().TrimEnd((byte)0)) },
        PluginFieldType.Float32 => Floats(field.Name, MemoryMarshal.Cast<byte, float>(field.Values)),
        PluginFieldType.Int8 => Attr.Ints(field.Name, Array.ConvertAll(Of<sbyte>(field), value => (long)value)),
        PluginFieldType.Int16 => Attr.Ints(field.Name, Array.ConvertAll(Of<short>(field), value => (long)value)),
        PluginFieldType.Int32 => Attr.Ints(field.Name, Array.ConvertAll(Of<int>(field), value => (long)value)),
        PluginFieldType.Int64 => Attr.Ints(field.Name, Of<long>(field)),
        PluginFieldType.Float64 => Numbers(field.Name, OrtElementType.Double, field.Length, field.Values),
        PluginFieldType.Float16 => Numbers(field.Name, OrtElementType.Float16, field.Length, field.Values),
        PluginFieldType.BF16 => Numbers(field.Name, OrtElementType.BFloat16, field.Length, field.Values),
        _ => Numbers(field.Name, OrtElementType.UInt8, field.Values.Length, field.Values),
    };

    private static T[] Of<T>(PlanPluginField field)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(field.Values).ToArray();

    private static AttributeProto Floats(string name, ReadOnlySpan<float> values)
    {
        AttributeProto attribute = new() { Name = name, Type = Kind.Floats };
        foreach (float value in values)
        {
            attribute.Floats.Add(value);
        }

        return attribute;
    }

    private static AttributeProto Numbers(string name, OrtElementType type, int count, byte[] values) =>
        Attr.Tensor(name, new TensorProto { DataType = (int)type, Dims = { count }, RawData = ByteString.CopyFrom(values) });
}
