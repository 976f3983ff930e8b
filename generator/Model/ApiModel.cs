namespace Trt.Generator.Model;

/// <summary>What one release of a library declares: everything that the emitter needs, and nothing that a C++ compiler has to be asked for again.</summary>
/// <remarks>
/// Type spelling in all strings: fully qualified, const after what it qualifies (<c>char const*</c>), fixed-width integers by
/// their C names, the API's own integer and class aliases by alias name (look them up in <see cref="Aliases"/>).
/// Names of classes and structs, and their bases, are the declared ones (<c>nvinfer1::v_1_0::IErrorRecorder</c>), not aliases.
/// </remarks>
internal sealed record ApiModel
{
    /// <summary><c>tensorrt</c>, <c>tensorrt-rtx</c> or <c>onnxruntime</c>.</summary>
    public required string Library { get; init; }

    /// <summary>Release as in the file name, for example <c>10.16</c>.</summary>
    public required string Release { get; init; }

    /// <summary>Version with patch and build, as the version header spells it; empty where the headers have none.</summary>
    public string Version { get; init; } = "";

    /// <summary>What <c>getInferLibVersion</c> of that release answers, by the header's own formula; 0 where there is none.</summary>
    public int VersionNumber { get; init; }

    /// <summary>Number that a C API with versioned tables is asked for (<c>OrtApiBase::GetApi</c>); 0 elsewhere.</summary>
    public int ApiVersion { get; init; }

    /// <summary>Where the ONNX parser's header came from: <c>tag</c> when it lay beside the others.</summary>
    public string ParserHeader { get; init; } = "";

    /// <summary>What was left out or needs a reader's attention.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Enumerations in the order of the headers.</summary>
    public IReadOnlyList<EnumModel> Enums { get; init; } = [];

    /// <summary>Plain structs in the order of the headers.</summary>
    public IReadOnlyList<StructModel> Structs { get; init; } = [];

    /// <summary>Alias name to its target, one step.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>Classes with virtual functions in the order of the headers.</summary>
    public IReadOnlyList<ClassModel> Classes { get; init; } = [];

    /// <summary>Exported C functions.</summary>
    public IReadOnlyList<FunctionModel> Functions { get; init; } = [];

    /// <summary>Structs of function pointers (C APIs).</summary>
    public IReadOnlyList<TableModel> Tables { get; init; } = [];

    /// <summary>Name of the model's file.</summary>
    public string FileName => $"{Library}-{Release}.json";
}
