using Trt.Interop;
using Trt.Utils;
using OnnxParserFlag = Trt.Interop.NvOnnxParser.OnnxParserFlag;

namespace Trt.Cli.Options;

/// <summary>Options about devices, plugins and the ONNX parser.</summary>
internal static class DeviceOptions
{
    public static OptionGroup Devices { get; } = new("Devices", [
        BuildOption.Value("--device", "N", "Device", "The GPU, counted from 0. Default: 0.", (o, text) => o with { Device = OptionValue.Int(text, 0) }),
        BuildOption.Value("--use-dla-core --useDLACore", "N", "DLACore", "The DLA core that layers run on. Default: none.",
            (o, text) => o with { DLACore = OptionValue.Int(text, -1) is var core && core < 0 ? null : core }),
        BuildOption.Flag("--allow-gpu-fallback --allowGPUFallback", "GpuFallback", "Layers that a DLA cannot run go to the GPU.", (o, on) => o with { GpuFallback = on }),
        BuildOption.Value("--layer-device-types --layerDeviceTypes", "LAYER:GPU|DLA,...", "LayerDevices", "Devices of layers, as in conv*:DLA. A name may have one *; later ones win.",
            (o, text) => o with
            {
                LayerDevices = [.. o.LayerDevices, .. OptionValue.Pairs(text, "LAYER:GPU or LAYER:DLA").Select(pair =>
                    new LayerDevice(OptionValue.Pattern(pair.Name), OptionValue.Choice(pair.Value, ("GPU", DeviceType.GPU), ("DLA", DeviceType.DLA))))],
            }, repeats: true),
    ]);

    public static OptionGroup Plugins { get; } = new("Plugins", [
        BuildOption.Value("--static-plugins --staticPlugins --plugins", "FILE", "PluginLibraries", "A library whose plugins register themselves when it is loaded. Repeatable.",
            (o, text) => o with { PluginLibraries = [.. o.PluginLibraries, text] }, repeats: true),
        BuildOption.Value("--dynamic-plugins --dynamicPlugins", "FILE", "DynamicPlugins", "A library that is loaded into the plugin registry. Repeatable.",
            (o, text) => o with { DynamicPlugins = [.. o.DynamicPlugins, text] }, repeats: true),
        BuildOption.Value("--set-plugins-to-serialize --setPluginsToSerialize", "FILE", "PluginsToSerialize", "A library that is put into the plan. Repeatable.",
            (o, text) => o with { PluginsToSerialize = [.. o.PluginsToSerialize, text] }, repeats: true),
        BuildOption.Flag("--ignore-parsed-plugin-libs --ignoreParsedPluginLibs", "IgnoreParserPluginLibraries", "Leave out the libraries that the parser wants in a version-compatible plan.",
            (o, on) => o with { IgnoreParserPluginLibraries = on }),
        BuildOption.Flag("--nvinfer-plugins", "NvInferPlugins", "TensorRT's own plugins must be there (=false: do not load them). Default: loaded where they are.", (o, on) => o with { NvInferPlugins = on }),
    ]);

    public static OptionGroup Parser { get; } = new("ONNX parser and network", [
        BuildOption.Flag("--plugin-instance-norm --pluginInstanceNorm --pi", "ParserFlags: NativeInstancenorm", "InstanceNormalization becomes TensorRT's plugin instead of a layer.",
            (o, on) => Switch(o, OnnxParserFlag.NativeInstancenorm, !on)),
        BuildOption.Flag("--enable-plugin-override --enablePluginOverride", "ParserFlags: EnablePluginOverride", "A plugin of an operator's name is taken instead of the operator.",
            (o, on) => Switch(o, OnnxParserFlag.EnablePluginOverride, on)),
        BuildOption.Flag("--uint8-asymmetric-quantization-dla --uint8AsymmetricQuantizationDLA", "ParserFlags: EnableUInt8AndAsymmetricQuantizationDLA", "UINT8 and zero points are kept, for a DLA.",
            (o, on) => Switch(o, OnnxParserFlag.EnableUInt8AndAsymmetricQuantizationDLA, on)),
        BuildOption.Flag("--report-capability-dla --reportCapabilityDLA", "ParserFlags: ReportCapabilityDLA", "The parser checks that a DLA can run every node.",
            (o, on) => Switch(o, OnnxParserFlag.ReportCapabilityDLA, on)),
        BuildOption.Flag("--adjust-for-dla --adjustForDLA", "ParserFlags: AdjustForDLA", "The parser rewrites layers to suit a DLA.", (o, on) => Switch(o, OnnxParserFlag.AdjustForDLA, on)),
        BuildOption.Value("--network-flags", "NAME,...", "NetworkFlags", "Flags that the network is made with: explicitBatch, stronglyTyped, preferJITPythonPlugins, preferAOTPythonPlugins.",
            (o, text) => o with { NetworkFlags = [.. o.NetworkFlags, .. OptionValue.Names(text).Select(NetworkFlag)] }, repeats: true),
    ]);

    private static BuildOptions Switch(BuildOptions options, OnnxParserFlag flag, bool on) =>
        options with { ParserFlags = new Dictionary<OnnxParserFlag, bool>(options.ParserFlags) { [flag] = on } };

    private static NetworkDefinitionCreationFlag NetworkFlag(string name) => OptionValue.Choice(name, ("explicitBatch", NetworkDefinitionCreationFlag.ExplicitBatch),
        ("stronglyTyped", NetworkDefinitionCreationFlag.StronglyTyped), ("preferJITPythonPlugins", NetworkDefinitionCreationFlag.PreferJITPythonPlugins),
        ("preferAOTPythonPlugins", NetworkDefinitionCreationFlag.PreferAOTPythonPlugins));
}
