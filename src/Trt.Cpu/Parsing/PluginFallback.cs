using Trt.Interop;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing;

/// <summary>Operators that no importer knows: plugins of that name, version and namespace in the registry.</summary>
internal static class PluginFallback
{
    /// <summary>Refuses an operator that is no plugin either.</summary>
    public static void Check(ImportNode node) => _ = Creator(node);

    public static ImportedValue?[] Import(ImportNode node)
    {
        IPluginCreatorInterface creator = Creator(node);
        throw node.Unsupported($"Plugin {node.Operator} is made by a {creator.GetType().Name}.");
    }

    private static IPluginCreatorInterface Creator(ImportNode node)
    {
        string version = node.Text("plugin_version", "1");
        string @namespace = node.Text("plugin_namespace", string.Empty);
        return CpuPluginRegistry.Shared.GetCreator(node.Operator, version, @namespace) ?? throw new ImportRefusal(ParseCode.InternalError,
            $"Op type {node.Operator} is not supported: it is no operator that the parser knows, no function of the model, and no plugin of version {version} in namespace \"{@namespace}\" is registered.", func: "parseNodeStaticCheck");
    }
}
