using Trt.Generator.Model;

namespace Trt.Generator.Extract;

/// <summary>Makes the models of exported C functions.</summary>
internal sealed class FunctionExtractor(DeclarationIndex index, TypeSpeller speller, ConstantReader constants)
{
    private static readonly Dictionary<string, string> LibraryOfHeader = new(StringComparer.Ordinal)
    {
        ["NvInferPlugin.h"] = "nvinfer_plugin",
        ["NvOnnxParser.h"] = "nvonnxparser",
        ["NvCaffeParser.h"] = "nvparsers",
        ["NvUffParser.h"] = "nvparsers",
    };

    // Declared for plugin libraries to define, not exported by TensorRT itself.
    private static readonly HashSet<string> PluginExports = new(StringComparer.Ordinal) { "getCreators", "setLoggerFinder" };

    /// <summary>All of them, in the headers' order.</summary>
    public IReadOnlyList<FunctionModel> Functions() => [.. index.Functions.DistinctBy(pair => pair.Node.Name).Select(pair =>
    {
        Signature signature = Signature.Of(pair.Node);
        return new FunctionModel
        {
            Library = PluginExports.Contains(pair.Node.Name) ? "plugin" : LibraryOfHeader.GetValueOrDefault(Path.GetFileName(pair.Node.File), "nvinfer"),
            Name = pair.Node.Name,
            Returns = speller.Spell(signature.Returns, pair.Scope, pair.Node),
            Parameters = [.. pair.Node.OfKind("ParmVarDecl").Select(parameter => ClassExtractor.Parameter(speller, constants, parameter, pair.Scope))],
            IsDeprecated = pair.Node.Has("DeprecatedAttr"),
        };
    })];
}
