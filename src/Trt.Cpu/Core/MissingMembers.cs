namespace Trt.Cpu;

/// <summary>C++ names of what the interfaces have and the CPU runtime refuses; docs/cpu-runtime.md lists the same.</summary>
internal static class MissingMembers
{
    public static IReadOnlySet<string> All { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "INetworkDefinition.addDistCollective",
        "IBuilderConfig.setAlgorithmSelector",
        "IRuntime.loadRuntime",
        "IExecutionContext.setCommunicator",
        "IPluginRegistry.loadLibrary",
    };
}
