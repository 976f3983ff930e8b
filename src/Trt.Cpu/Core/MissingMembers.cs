namespace Trt.Cpu;

/// <summary>C++ names of what the interfaces have and the CPU runtime refuses; docs/cpu-runtime.md lists the same.</summary>
internal static class MissingMembers
{
    public static IReadOnlySet<string> All { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "INetworkDefinition.addPluginV2",
        "INetworkDefinition.addPluginV3",
        "INetworkDefinition.addLoop",
        "INetworkDefinition.addIfConditional",
        "INetworkDefinition.addDynamicQuantize",
        "INetworkDefinition.addDynamicQuantizeV2",
        "INetworkDefinition.addAttention",
        "INetworkDefinition.addRotaryEmbedding",
        "INetworkDefinition.addKVCacheUpdate",
        "INetworkDefinition.addMoE",
        "INetworkDefinition.addDistCollective",
        "INetworkDefinition.addAttentionV2",
        "INetworkDefinition.markDebug",
        "INetworkDefinition.unmarkDebug",
        "INetworkDefinition.markUnfusedTensorsAsDebugTensors",
        "INetworkDefinition.unmarkUnfusedTensorsAsDebugTensors",
        "IBuilderConfig.setAlgorithmSelector",
        "IRuntime.loadRuntime",
        "ICudaEngine.createEngineInspector",
        "IExecutionContext.setProfiler",
        "IExecutionContext.reportToProfiler",
        "IExecutionContext.setDebugListener",
        "IExecutionContext.setTensorDebugState",
        "IExecutionContext.setAllTensorsDebugState",
        "IExecutionContext.setCommunicator",
        "IPluginRegistry.loadLibrary",
        "IEngineInspector",
    };
}
