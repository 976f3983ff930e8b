namespace Trt.Generator.Extract;

/// <summary>Finds the releases in a folder of header folders.</summary>
/// <remarks>
/// <c>ROOT/tensorrt-10.16</c>, <c>ROOT/tensorrt-rtx-1.6</c> hold the headers of a release. Where such a folder has no
/// NvOnnxParser.h (it lived in a repository of its own until 10.13), <c>ROOT/parser-RELEASE</c> holds it.
/// <c>ROOT/onnxruntime-1.29</c> holds ONNX Runtime's C headers.
/// </remarks>
internal static class ReleaseFolders
{
    private const string ParserHeader = "NvOnnxParser.h";

    private static readonly string[] Libraries = ["tensorrt-rtx-", "tensorrt-", "onnxruntime-"];

    /// <summary>One request per release folder, ordered by name.</summary>
    public static IReadOnlyList<ExtractRequest> Find(string root)
    {
        if (!Directory.Exists(root))
        {
            throw new ExtractException($"The folder of headers {root} does not exist.");
        }
        List<ExtractRequest> requests = [];
        foreach (string folder in Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(folder);
            if (Libraries.FirstOrDefault(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } library)
            {
                requests.Add(Request(root, folder, library[..^1], name[library.Length..]));
            }
        }
        return requests.Count > 0 ? requests : throw new ExtractException($"{root} has no folder named tensorrt-RELEASE, tensorrt-rtx-RELEASE or onnxruntime-RELEASE.");
    }

    private static ExtractRequest Request(string root, string folder, string library, string release)
    {
        if (library == ExtractRequest.OnnxRuntime)
        {
            return new ExtractRequest(library, release, [folder], "", []);
        }
        if (File.Exists(Path.Combine(folder, ParserHeader)))
        {
            return new ExtractRequest(library, release, [folder], "tag", Notes(library, release));
        }
        (string parser, string origin) = Parser(release);
        return new ExtractRequest(library, release, [folder, Path.Combine(root, parser)], origin, Notes(library, release));
    }

    // Which folder has the parser's header of a release whose own folder lacks it. The parser's repository has no public header
    // of 10.2 to 10.12: its classes had 10.1's slots until 10.10, and what 10.11 and 10.12 may have appended is unknown, not wrong.
    private static (string Folder, string Origin) Parser(string release)
    {
        string[] parts = release.Split('.');
        if (parts[0] == "10" && int.TryParse(parts[1], out int minor))
        {
            if (minor == 13)
            {
                return ("tensorrt-10.14", "10.14 (TensorRT)");
            }
            if (minor is >= 2 and <= 12)
            {
                return ("parser-10.1", "10.1 (onnx-tensorrt)");
            }
        }
        return ($"parser-{release}", $"{release} (onnx-tensorrt)");
    }

    private static IReadOnlyList<string> Notes(string library, string release) => (library, release) switch
    {
        ("tensorrt", "10.0.1") => ["10.0.0 has the same enumerations, layouts, slots and signatures; only its version number is another: one model for both."],
        ("tensorrt", "10.13") => ["10.13.0, 10.13.2 and 10.13.3 have the same headers but for the version number: one model for all."],
        ("tensorrt", "10.8") => ["INetworkDefinition's implementation has one method inserted in this release alone: 10.9 moved it to the end."],
        ("tensorrt", "10.11" or "10.12") => ["The ONNX parser's header of this release is not public: methods that it may have appended are missing."],
        ("tensorrt-rtx", "1.3" or "1.4") => ["IExecutionContext::isStreamCapturable and BuilderFlag::kREQUIRE_USER_ALLOCATION stand under a preprocessor condition (ENABLE_FEATURE_DISABLE_RUNTIME_ALLOCATION) that is off in the headers; the shipped library seems to have it on."],
        _ => [],
    };
}
