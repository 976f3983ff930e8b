using System.Collections.Frozen;
using System.Text;

namespace Trt.Generator.Emit;

/// <summary>C++ names as C# ones.</summary>
internal static class Naming
{
    private static readonly FrozenSet<string> Acronyms = new[]
    {
        "AOT", "BF16", "BGR", "CHW", "CHW16", "CHW2", "CHW32", "CHW4", "CUBLAS", "CUDNN", "CUDA", "DHWC", "DHWC8", "DLA", "E8M0", "FP16", "FP32", "FP4", "FP8", "GPU", "HWC", "HWC16", "HWC8", "CDHW32",
        "IO", "JIT", "JSON", "LRN", "NMS", "SM75", "SM80", "SM86", "SM89", "SM90", "SM100", "SM103", "SM110", "SM120", "SM121", "SRAM", "DRAM", "SSD", "TF32", "V1", "V2", "V3ONE", "V3", "ID", "NCHW", "RNN", "LSTM", "GRU", "NHWC", "NC", "KV",
    }.ToFrozenSet();

    private static readonly FrozenDictionary<string, string> Words = new Dictionary<string, string>
    {
        ["UINT8"] = "UInt8", ["RELU"] = "Relu", ["ELU"] = "Elu", ["GELU"] = "Gelu", ["ONEHOT"] = "OneHot", ["V3ONE"] = "V3One", ["V3QUICK"] = "V3Quick", ["TOPK"] = "TopK", ["KVCACHE"] = "KVCache", ["MOE"] = "MoE", ["PARAMETRIC"] = "Parametric",
        ["SELU"] = "Selu", ["ROPE"] = "RoPE", ["SWIGLU"] = "SwiGlu", ["FLOAT32"] = "Float32", ["FLOAT64"] = "Float64", ["FLOAT16"] = "Float16", ["CYX"] = "Cyx", ["TENSORRT"] = "TensorRT", ["SIGMOID"] = "Sigmoid",
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> Keywords = new[]
    {
        "in", "out", "ref", "params", "object", "string", "base", "event", "lock", "operator", "default", "fixed", "is", "as", "const", "float", "double", "int", "bool", "checked", "delegate", "this", "value",
    }.ToFrozenSet();

    /// <summary>kFOO_BAR → FooBar; established acronyms stay as they are.</summary>
    public static string Enumerator(string name)
    {
        string bare = name.Length > 1 && name[0] == 'k' && (char.IsUpper(name[1]) || char.IsDigit(name[1])) ? name[1..] : name;
        if (bare.Any(char.IsLower))
        {
            return Member(bare);
        }

        StringBuilder result = new();
        foreach (string part in bare.Split('_', StringSplitOptions.RemoveEmptyEntries))
        {
            result.Append(Acronyms.Contains(part) && !Words.ContainsKey(part) ? part : Words.TryGetValue(part, out string? word) ? word : char.ToUpperInvariant(part[0]) + part[1..].ToLowerInvariant());
        }

        string made = result.ToString();
        return char.IsDigit(made[0]) ? "N" + made : made;
    }

    /// <summary>addConvolutionNd → AddConvolutionNd.</summary>
    public static string Member(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    /// <summary>A parameter's name, safe in C#.</summary>
    public static string Parameter(string name)
    {
        StringBuilder result = new();
        foreach (string part in name.Split('_', StringSplitOptions.RemoveEmptyEntries))
        {
            result.Append(result.Length == 0 ? char.ToLowerInvariant(part[0]) + part[1..] : char.ToUpperInvariant(part[0]) + part[1..]);
        }

        string made = result.ToString();
        return Keywords.Contains(made) ? "@" + made : made;
    }

    /// <summary>Last part of a qualified C++ name.</summary>
    public static string Last(string qualified) => qualified[(qualified.LastIndexOf(':') + 1)..];

    /// <summary>The C# namespace of a C++ one.</summary>
    public static string Namespace(string qualified) => qualified switch
    {
        _ when qualified.StartsWith("nvonnxparser::", StringComparison.Ordinal) => "Trt.Interop.NvOnnxParser",
        _ when qualified.StartsWith("nvcaffeparser1::", StringComparison.Ordinal) => "Trt.Interop.NvCaffeParser",
        _ when qualified.StartsWith("nvuffparser::", StringComparison.Ordinal) => "Trt.Interop.NvUffParser",
        _ when qualified.StartsWith("nvinfer1::plugin::", StringComparison.Ordinal) => "Trt.Interop.NvInferPlugin",
        _ => "Trt.Interop",
    };

    /// <summary>Folder under generated/tensorrt for a C# namespace.</summary>
    public static string Folder(string ns) => ns == "Trt.Interop" ? "NvInfer" : ns["Trt.Interop.".Length..];
}
