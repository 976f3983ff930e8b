using System.Text.Json.Serialization;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>How an engine is to be built. What is not set stays as the library has it.</summary>
/// <remarks>
/// A record: <c>options with { Precision = Precision.FP16 }</c>. What the loaded release cannot do is refused by name before the build
/// (<see cref="BuildRefusedException"/>); what it may ignore is read back and reported (<see cref="BuildReport.Warnings"/>). The hooks
/// <see cref="Configure"/> and <see cref="Customize"/> reach whatever has no option.
/// </remarks>
public sealed partial record BuildOptions
{
    /// <summary>Types besides 32-bit floats in which layers may compute.</summary>
    public Precision Precision { get; init; }

    /// <summary>Whether products of 32-bit floats may round their operands to TF32; the library's default is yes.</summary>
    public bool? TF32 { get; init; }

    /// <summary>
    /// Whether types follow from the network alone. Releases that know no weak typing always do so; elsewhere the default is no, and with yes the
    /// network is rewritten for <see cref="Precision"/>.
    /// </summary>
    public bool? StronglyTyped { get; init; }

    /// <summary>How binding <see cref="LayerPrecisions"/> and <see cref="LayerOutputTypes"/> are; in strongly typed networks they always are.</summary>
    public PrecisionConstraints PrecisionConstraints { get; init; }

    /// <summary>Types in which single layers compute; later ones win. In strongly typed networks layers can be kept in <see cref="DataType.Float"/> only.</summary>
    public IReadOnlyList<LayerPrecision> LayerPrecisions { get; init; } = [];

    /// <summary>Types of what single layers give; later ones win. Weakly typed networks only.</summary>
    public IReadOnlyList<LayerOutputTypes> LayerOutputTypes { get; init; } = [];

    /// <summary>
    /// Data from which ranges follow, for <see cref="Precision.Int8"/>, <see cref="Precision.FP8"/> (strongly typed networks only) and <see cref="Precision.Best"/>: given to the library where it
    /// calibrates, else the network is calibrated on the CPU runtime and gets layers that quantize. It stays the caller's, who may build with it again. Not part of the JSON.
    /// </summary>
    [JsonIgnore]
    public Int8Calibration? Calibration { get; init; }

    /// <summary>A file with a calibration's scales in NVIDIA's text format, given to the library in place of data. Weakly typed networks only; elsewhere take <see cref="Calibration"/> with a cache file.</summary>
    public string? CalibrationCache { get; init; }

    /// <summary>Gives every tensor without a range the range −4 to 4, so that <see cref="Precision.Int8"/> builds without a calibration: for measuring speed only, results are wrong.</summary>
    public bool ArbitraryInt8Ranges { get; init; }

    /// <summary>Shapes while calibrating; default is the usual shape of profile <see cref="CalibrationProfile"/>.</summary>
    public ShapeProfile? CalibrationShapes { get; init; }

    /// <summary>Number of the profile to calibrate with, from 0.</summary>
    public int CalibrationProfile { get; init; }

    /// <summary>Switches of quantization.</summary>
    public IReadOnlyList<QuantizationFlag> QuantizationFlags { get; init; } = [];

    /// <summary>Optimization profiles; without any there is one, made from the model's shapes and the default rule of <see cref="DynamicExtents"/>.</summary>
    public IReadOnlyList<ShapeProfile> Profiles { get; init; } = [];

    /// <summary>The default rule: the range of an unknown extent that no profile and no name sets. 1 alone, with a warning, unless it is set.</summary>
    public ExtentRange? DynamicExtents { get; init; }

    /// <summary>The range of the first axis of inputs that leave it open, where it is the batch; counts where neither a profile nor a name sets it.</summary>
    public ExtentRange? Batch { get; init; }

    /// <summary>Ranges of unknown extents by the dimension's name, as ONNX models have them: <c>["batch"] = new(1, 8, 32)</c>.</summary>
    public IReadOnlyDictionary<string, ExtentRange> NamedExtents { get; init; } = new Dictionary<string, ExtentRange>();

    /// <summary>Memory types and layouts of inputs, by name, or by number from 0 as in <c>#0</c>; <c>*</c> stands for all others.</summary>
    public IReadOnlyDictionary<string, IOFormat> InputFormats { get; init; } = new Dictionary<string, IOFormat>();

    /// <summary>Memory types and layouts of outputs, by name, or by number from 0 as in <c>#0</c>; <c>*</c> stands for all others.</summary>
    public IReadOnlyDictionary<string, IOFormat> OutputFormats { get; init; } = new Dictionary<string, IOFormat>();

    /// <summary>Tensors to mark as outputs too, by name.</summary>
    public IReadOnlyList<string> MarkOutputs { get; init; } = [];

    /// <summary>Outputs that are to be none, by name.</summary>
    public IReadOnlyList<string> UnmarkOutputs { get; init; } = [];

    /// <summary>Tensors that runs can show to a debug listener, by name.</summary>
    public IReadOnlyList<string> DebugTensors { get; init; } = [];

    /// <summary>Whether all tensors that survive fusion can be shown to a debug listener.</summary>
    public bool UnfusedDebugTensors { get; init; }

    /// <summary>Attention layers that may be split up where no fused kernel serves them, by name with at most one <c>*</c> each.</summary>
    public IReadOnlyList<string> DecomposableAttentions { get; init; } = [];

    /// <summary>Flags with which the network is made, besides what typing needs.</summary>
    public IReadOnlyList<NetworkDefinitionCreationFlag> NetworkFlags { get; init; } = [];

    /// <summary>Switches of the ONNX parser, on or off.</summary>
    public IReadOnlyDictionary<Interop.NvOnnxParser.OnnxParserFlag, bool> ParserFlags { get; init; } = new Dictionary<Interop.NvOnnxParser.OnnxParserFlag, bool>();

    /// <summary>Called with the configuration after all options were written to it. Not part of the JSON.</summary>
    [JsonIgnore]
    public Action<IBuilderConfig>? Configure { get; init; }

    /// <summary>Called with the network after it was defined, before the options that concern it. Not part of the JSON.</summary>
    [JsonIgnore]
    public Action<INetworkDefinition>? Customize { get; init; }

    /// <summary>Names what <see cref="Configure"/>, <see cref="Customize"/> and <see cref="Calibration"/> do, so that a cache can tell engines apart; needed when they are used with one.</summary>
    public string? CacheKey { get; init; }

    /// <summary>The options as JSON, without what is at its default: what stands in the file beside an engine and is part of a cache's key.</summary>
    public string ToJson() => BuildJson.Write(this).ToJsonString(BuildJson.Default.Options);

    /// <summary>Options from their JSON.</summary>
    /// <param name="json">What <see cref="ToJson"/> gave.</param>
    /// <exception cref="FormatException">It is no such JSON; the message says where.</exception>
    public static BuildOptions FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return BuildJson.ReadOptions(json);
    }
}
