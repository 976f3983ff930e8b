namespace Trt.Generator.Extract;

/// <summary>The header folders of one release.</summary>
internal sealed class HeaderSet
{
    private static readonly string[] TensorRtRequired = ["NvInferVersion.h", "NvInfer.h", "NvInferPluginUtils.h", "NvInferPlugin.h", "NvOnnxParser.h"];
    private static readonly string[] TensorRtOptional = ["NvCaffeParser.h", "NvUffParser.h"];

    // Present in some releases and left out on purpose, with the reason that the model's notes give.
    private static readonly (string File, string Reason)[] LeftOut =
    [
        ("NvInferSafeRuntime.h", "NvInferSafeRuntime.h (the runtime for safety-certified systems) is left out."),
        ("NvInferConsistency.h", "NvInferConsistency.h (checker for safety-certified systems) is left out."),
        ("impl/NvInferPythonPlugin.h", "impl/NvInferPythonPlugin.h is left out: its own header says that it is not public."),
        ("NvOnnxConfig.h", "NvOnnxConfig.h is left out: its one function is exported under a C++ name."),
        ("onnxruntime_ep_c_api.h", "onnxruntime_ep_c_api.h is left out: it is for authors of execution providers."),
        ("NvUtils.h", "NvUtils.h is left out: its functions are exported under C++ names."),
    ];

    private readonly IReadOnlyList<string> headers;

    private HeaderSet(IReadOnlyList<string> folders, IReadOnlyList<string> required, IReadOnlyList<string> optional)
    {
        Folders = [.. folders.Select(Path.GetFullPath)];
        foreach (string folder in folders)
        {
            if (!Directory.Exists(folder))
            {
                throw new ExtractException($"The header folder {folder} does not exist.");
            }
        }
        foreach (string name in required)
        {
            if (Find(name) is null)
            {
                string hint = name == "NvOnnxParser.h" ? " Name the folder that has it with a second --include." : " Name the folder that has it with --include.";
                throw new ExtractException($"{name} is not in {string.Join(" or ", folders)}.{hint}");
            }
        }
        headers = [.. required, .. optional.Where(name => Find(name) is not null)];
    }

    /// <summary>TensorRT's headers, or TensorRT-RTX's.</summary>
    /// <exception cref="ExtractException">One is missing; the message names it and the folders.</exception>
    public static HeaderSet TensorRt(IReadOnlyList<string> folders) => new(folders, TensorRtRequired, TensorRtOptional);

    /// <summary>ONNX Runtime's C header.</summary>
    /// <exception cref="ExtractException">It is missing; the message names it and the folders.</exception>
    public static HeaderSet OnnxRuntime(IReadOnlyList<string> folders) => new(folders, ["onnxruntime_c_api.h"], []);

    /// <summary>Folders in the order of search.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>Notes about headers that are there and not read.</summary>
    public IEnumerable<string> Notes => LeftOut.Where(item => Find(item.File) is not null).Select(item => item.Reason);

    /// <summary>Path of a header in the first folder that has it, or null.</summary>
    public string? Find(string name) => Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Source text that includes every header that is read.</summary>
    public string Source() => string.Concat(headers.Select(name => $"#include \"{name}\"\n"));
}
