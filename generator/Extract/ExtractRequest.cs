namespace Trt.Generator.Extract;

/// <summary>One release to extract.</summary>
/// <param name="Library"><c>tensorrt</c>, <c>tensorrt-rtx</c> or <c>onnxruntime</c>.</param>
/// <param name="Release">Name of the release; must agree with the version that the headers state.</param>
/// <param name="Folders">Header folders in the order of search.</param>
/// <param name="ParserHeader">Where the ONNX parser's header came from; empty for ONNX Runtime.</param>
/// <param name="Notes">Notes to put first.</param>
internal sealed record ExtractRequest(string Library, string Release, IReadOnlyList<string> Folders, string ParserHeader, IReadOnlyList<string> Notes)
{
    /// <summary>Library name of ONNX Runtime.</summary>
    public const string OnnxRuntime = "onnxruntime";

    /// <summary>Extracts the release's model.</summary>
    public Model.ApiModel Extract(ClangCompiler clang) =>
        Library == OnnxRuntime ? new OnnxRuntimeExtractor(clang).Extract(this) : new ModelExtractor(clang).Extract(this);
}
