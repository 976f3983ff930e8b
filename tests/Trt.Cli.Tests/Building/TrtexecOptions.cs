using Trt.Interop;
using Trt.Interop.NvOnnxParser;

namespace Trt.Cli.Tests;

/// <summary>
/// The options of trtexec 10.16 and 11.1 that concern builds, safety and the system, typed from a list of what its parser takes: name, a value that is
/// right, what stands beside it, and what a release must have for it.
/// </summary>
internal static class TrtexecOptions
{
    /// <summary>Stands for a file that is there.</summary>
    public const string AnyFile = "{file}";

    /// <summary>What no library of this project can do.</summary>
    public const string Never = "never";

    /// <summary>What a strongly typed network cannot have, whatever the release.</summary>
    public const string WeakTyping = "weak typing";

    public static IReadOnlyList<(string Name, string? Value, string[] Beside, object? Needs)> All { get; } =
    [
        ("--onnx", AnyFile, [], null),
        ("--minShapes", "x:1x3", [], null),
        ("--optShapes", "'x':1x3", [], null),
        ("--maxShapes", "x*:1x3,y:scalar", [], null),
        ("--minShapesCalib", "x:1x3", [], "IBuilderConfig.setCalibrationProfile"),
        ("--optShapesCalib", "x:1x3", [], "IBuilderConfig.setCalibrationProfile"),
        ("--maxShapesCalib", "x:1x3", [], "IBuilderConfig.setCalibrationProfile"),
        ("--profile", "0", [], null),
        ("--calibProfile", "1", [], "IBuilderConfig.setCalibrationProfile"),
        ("--inputIOFormats", "fp32:chw+hwc8", [], TensorFormat.HWC8),
        ("--outputIOFormats", "chw", [], null),
        ("--memPoolSize", "workspace:1.5G,tacticSharedMem:48K", [], MemoryPoolType.TacticSharedMemory),
        ("--profilingVerbosity", "detailed", [], "IBuilderConfig.setProfilingVerbosity"),
        ("--avgTiming", "2", [], "IBuilderConfig.setAvgTimingIterations"),
        ("--refit", null, [], BuilderFlag.Refit),
        ("--stripWeights", null, [], BuilderFlag.StripPlan),
        ("--weightless", null, [], BuilderFlag.StripPlan),
        ("--stripAllWeights", null, [], BuilderFlag.StripPlan),
        ("--versionCompatible", null, [], BuilderFlag.VersionCompatible),
        ("--vc", null, [], BuilderFlag.VersionCompatible),
        ("--excludeLeanRuntime", null, ["--vc"], BuilderFlag.ExcludeLeanRuntime),
        ("--useRuntime", "full", [], null),
        ("--leanDLLPath", AnyFile, [], null),
        ("--pluginInstanceNorm", null, [], OnnxParserFlag.NativeInstancenorm),
        ("--pi", null, [], OnnxParserFlag.NativeInstancenorm),
        ("--enablePluginOverride", null, [], OnnxParserFlag.EnablePluginOverride),
        ("--uint8AsymmetricQuantizationDLA", null, [], OnnxParserFlag.EnableUInt8AndAsymmetricQuantizationDLA),
        ("--reportCapabilityDLA", null, [], OnnxParserFlag.ReportCapabilityDLA),
        ("--adjustForDLA", null, [], OnnxParserFlag.AdjustForDLA),
        ("--fp16", null, [], null),
        ("--bf16", null, [], null),
        ("--int8", null, [], null),
        ("--fp8", null, [], null),
        ("--int4", null, [], null),
        ("--best", null, [], null),
        ("--noTF32", null, [], null),
        ("--stronglyTyped", null, [], NetworkDefinitionCreationFlag.StronglyTyped),
        ("--precisionConstraints", "prefer", [], null),
        ("--layerPrecisions", "conv*:fp32", [], null),
        ("--layerOutputTypes", "conv*:fp16+fp32", [], WeakTyping),
        ("--layerDeviceTypes", "conv*:GPU", [], "IBuilderConfig.setDeviceType"),
        ("--decomposableAttentions", "att*", [], "IAttention.setDecomposable"),
        ("--calib", AnyFile, ["--int8"], WeakTyping),
        ("--sparsity", "enable", [], BuilderFlag.SparseWeights),
        ("--directIO", null, [], BuilderFlag.DirectIO),
        ("--distributiveIndependence", null, [], BuilderFlag.DistributiveIndependence),
        ("--markDebug", "x", [], "INetworkDefinition.markDebug"),
        ("--markUnfusedTensorsAsDebugTensors", null, [], "INetworkDefinition.markUnfusedTensorsAsDebugTensors"),
        ("--allowWeightStreaming", null, [], BuilderFlag.WeightStreaming),
        ("--tacticSources", "-CUDNN", [], TacticSource.CUDNN),
        ("--noBuilderCache", null, [], BuilderFlag.DisableTimingCache),
        ("--timingCacheFile", AnyFile, [], "IBuilderConfig.createTimingCache"),
        ("--errorOnTimingCacheMiss", null, [], BuilderFlag.ErrorOnTimingCacheMiss),
        ("--noCompilationCache", null, [], BuilderFlag.DisableCompilationCache),
        ("--preview", "+aliasedPluginIO1003", [], PreviewFeature.AliasedPluginIO1003),
        ("--builderOptimizationLevel", "3", [], "IBuilderConfig.setBuilderOptimizationLevel"),
        ("--maxTactics", "4", [], "IBuilderConfig.setMaxNbTactics"),
        ("--hardwareCompatibilityLevel", "ampere+", [], HardwareCompatibilityLevel.AmperePlus),
        ("--runtimePlatform", "WindowsAMD64", [], RuntimePlatform.WindowsAmd64),
        ("--tempdir", "/tmp", [], null),
        ("--tempfileControls", "in_memory:allow,temporary:deny", [], null),
        ("--maxAuxStreams", "0", [], "IBuilderConfig.setMaxAuxStreams"),
        ("--tilingOptimizationLevel", "2", [], "IBuilderConfig.setTilingOptimizationLevel"),
        ("--l2LimitForTiling", "1048576", [], "IBuilderConfig.setL2LimitForTiling"),
        ("--refitFromOnnx", AnyFile, [], BuilderFlag.Refit),
        ("--saveEngine", AnyFile, [], null),
        ("--asyncFileReader", null, [], null),
        ("--skipInference", null, [], null),
        ("--monitorMemory", null, [], BuilderFlag.MonitorMemory),
        ("--safe", null, [], EngineCapability.Safety),
        ("--consistency", null, [], null),
        ("--restricted", null, [], BuilderFlag.SafetyScope),
        ("--dumpKernelText", null, [], "IBuilderConfig.setRemoteAutoTuningConfig"),
        ("--remoteAutoTuningConfig", "ssh://user:secret@host:22?remote_exec_path=/x", [], "IBuilderConfig.setRemoteAutoTuningConfig"),
        ("--cpuOnly", null, [], Never),
        ("--safetyPlugins", "lib.so[ns::name]", [], Never),
        ("--buildDLAStandalone", null, [], EngineCapability.DLAStandalone),
        ("--allowGPUFallback", null, [], BuilderFlag.GPUFallback),
        ("--useDLACore", "0", [], DeviceType.DLA),
        ("--device", "0", [], "a device"),
        ("--staticPlugins", AnyFile, [], null),
        ("--plugins", AnyFile, [], null),
        ("--dynamicPlugins", AnyFile, [], "IPluginRegistry.loadLibrary"),
        ("--setPluginsToSerialize", AnyFile, [], "IBuilderConfig.setPluginsToSerialize"),
        ("--ignoreParsedPluginLibs", null, [], null),
        ("--setBuildRoute", "-knob=a", [], "IBuilderConfig.setBuildRoute"),
    ];

    /// <summary>Those that concern a plan that is there.</summary>
    public static IReadOnlyList<string> OfPlans { get; } = ["--loadEngine", "--getPlanVersionOnly"];

    /// <summary>Gone before TensorRT 10, or of another tool's part; each has an answer of its own.</summary>
    public static IReadOnlyList<(string Name, string? Value, string Answer)> Gone { get; } =
    [
        ("--deploy", "a.prototxt", "ONNX"),
        ("--model", "a.caffemodel", "ONNX"),
        ("--uff", "a.uff", "ONNX"),
        ("--uffInput", "x,3,224,224", "--opt-shapes"),
        ("--uffNHWC", null, "--input-io-formats"),
        ("--maxBatch", "8", "--batch=1:N:N"),
        ("--explicitBatch", null, "Leave it out"),
        ("--explicitPrecision", null, "Leave it out"),
        ("--workspace", "1024", "--memPoolSize=workspace:N"),
        ("--buildOnly", null, "--skipInference"),
        ("--nvtxMode", "verbose", "--profilingVerbosity"),
        ("--minTiming", "2", "--avgTiming"),
        ("--heuristic", null, "--builderOptimizationLevel"),
        ("--iterations", "10", "trt bench"),
        ("--dumpLayerInfo", null, "trt inspect"),
        ("--tuneBuildRoutes", "-a=[b|c]", "trtexec's alone"),
    ];
}
