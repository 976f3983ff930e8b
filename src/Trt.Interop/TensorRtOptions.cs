namespace Trt.Interop;

/// <summary>Which library to load.</summary>
public sealed record TensorRtOptions
{
    /// <summary>A library's file, or a folder that holds it. Null: TRT_LIBRARY, then the usual places, then the registered CPU runtime.</summary>
    public string? LibraryPath { get; init; }

    /// <summary>The ONNX parser's file or folder. Null: TRT_ONNXPARSER_LIBRARY, then beside the library, then the usual places. Looked at when the library is loaded for the first time.</summary>
    public string? OnnxParserPath { get; init; }

    /// <summary>The plugin library's file or folder. Null: TRT_PLUGIN_LIBRARY, then beside the library, then the usual places. Looked at when the library is loaded for the first time.</summary>
    public string? PluginPath { get; init; }

    /// <summary>Only a library of this flavour will do. Null: whatever is found first. <see cref="Interop.Flavour.Cpu"/> loads nothing native.</summary>
    public Flavour? Flavour { get; init; }

    /// <summary>Told of what was searched and chosen, such as a library that is newer than any known release.</summary>
    public Action<Severity, string>? Log { get; init; }
}
