using Trt.Interop;
using Trt.Onnx;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing;

/// <summary>Operators that no importer knows: plugins of that name, version and namespace in the registry.</summary>
internal static class PluginFallback
{
    /// <summary>Refuses an operator that is no plugin either.</summary>
    public static void Check(ImportNode node)
    {
        if (Find(node, node.Operator) is null)
        {
            throw new ImportRefusal(ParseCode.InternalError,
                $"Op type {node.Operator} is not supported: it is no operator that the parser knows, no function of the model, and no plugin of version {Version(node)} in namespace \"{Namespace(node)}\" is registered.",
                func: "parseNodeStaticCheck");
        }
    }

    public static ImportedValue?[] Import(ImportNode node) => Add(node, Find(node, node.Operator)!);

    /// <summary>The creator of a plugin by name, with version and namespace as the node's attributes tell them; null when none is registered.</summary>
    public static IPluginCreatorInterface? Find(ImportNode node, string name, string? version = null) =>
        node.Network.Builder.PluginRegistry.GetCreator(name, version ?? Version(node), Namespace(node));

    /// <summary>Adds a layer with a plugin that the creator makes of the node's attributes.</summary>
    /// <param name="node">The node.</param>
    /// <param name="creator">Makes the plugin.</param>
    /// <param name="inputs">What the plugin reads; null for the node's inputs.</param>
    /// <param name="fields">What the creator is told; null for the node's attributes.</param>
    public static ImportedValue?[] Add(ImportNode node, IPluginCreatorInterface creator, ITensor[]? inputs = null, PluginFieldCollection? fields = null)
    {
        inputs ??= [.. Enumerable.Range(0, node.InputCount).Where(node.Has).Select(node.Tensor)];
        switch (creator)
        {
            case IPluginCreatorV3One one:
                IPluginV3 plugin = one.CreatePlugin(node.Name, fields ?? Fields(node, one.FieldNames), TensorRTPhase.Build) ?? throw NotMade(node);
                return node.Results(node.Network.AddPluginV3(inputs, [], plugin));
            case IPluginCreator old:
                IPluginV2 second = old.CreatePlugin(node.Name, fields ?? Fields(node, old.FieldNames)) ?? throw NotMade(node);
                return node.Results(node.Network.AddPluginV2(inputs, second));
            default:
                throw node.Unsupported($"The creator of plugin {node.Operator} is neither IPluginCreator nor IPluginCreatorV3One.");
        }
    }

    private static ImportRefusal NotMade(ImportNode node) => node.Invalid($"The creator of plugin {node.Operator} made no plugin for node {node.Name}.");

    private static string Version(ImportNode node) => node.Text("plugin_version", "1");

    private static string Namespace(ImportNode node) => node.Text("plugin_namespace", string.Empty);

    /// <summary>The attributes that the creator asks for, in the types in which it asks for them.</summary>
    private static PluginFieldCollection Fields(ImportNode node, PluginFieldCollection? wanted)
    {
        Dictionary<string, AttributeProto> attributes = node.Attributes();
        List<PluginField> fields = [];
        foreach (PluginField field in wanted?.Fields ?? [])
        {
            if (attributes.TryGetValue(field.Name, out AttributeProto? attribute))
            {
                fields.Add(Field(node, field.Name, field.Type, attribute));
            }
        }

        return new PluginFieldCollection(fields);
    }

    private static PluginField Field(ImportNode node, string name, PluginFieldType type, AttributeProto attribute)
    {
        if (type is PluginFieldType.Char or PluginFieldType.Unknown && attribute.HasS)
        {
            return PluginField.From<byte>(name, PluginFieldType.Char, [.. attribute.S.Span, 0]);    // text in C ends with a zero
        }

        double[] numbers = attribute.T is { } tensor ? node.Model.Tensors.Read(tensor, name).ToNumbers()
            : attribute.HasF ? [attribute.F]
            : attribute.HasI ? [attribute.I]
            : attribute.Floats.Count > 0 ? [.. attribute.Floats]
            : [.. attribute.Ints.Select(value => (double)value)];
        long[] integers = attribute.HasI ? [attribute.I] : attribute.Ints.Count > 0 ? [.. attribute.Ints] : Array.ConvertAll(numbers, long.CreateSaturating);
        return type switch
        {
            PluginFieldType.Float32 => Of(Array.ConvertAll(numbers, value => (float)value)),
            PluginFieldType.Float64 => Of(numbers),
            PluginFieldType.Float16 => Of(Array.ConvertAll(numbers, value => (Half)value)),
            PluginFieldType.BF16 => Of(Array.ConvertAll(numbers, value => Bits.ToBFloat16((float)value))),
            PluginFieldType.Int8 => Of(Array.ConvertAll(integers, sbyte.CreateSaturating)),
            PluginFieldType.Int16 => Of(Array.ConvertAll(integers, short.CreateSaturating)),
            PluginFieldType.Int32 => Of(Array.ConvertAll(integers, int.CreateSaturating)),
            PluginFieldType.Int64 => Of(integers),
            PluginFieldType.Dims => PluginField.From<Dims>(name, type, [Dims.Create(integers)]),
            _ => throw node.Unsupported($"Attribute {name} cannot be given to plugin {node.Operator} as a field of type {type}."),
        };

        PluginField Of<T>(T[] values)
            where T : unmanaged => PluginField.From<T>(name, type, values);
    }
}
