using Trt.Interop.Core;
using Trt.Interop.NvOnnxParser;

namespace Trt.Interop.Tests.Abi;

/// <summary>A library that exists in tables only: its objects are the probe's.</summary>
internal sealed class ProbeLibrary : TensorRtLibrary
{
    /// <param name="release">Index into the probe's releases.</param>
    /// <param name="plainCalls">Whether all calls make the transition to native code.</param>
    public ProbeLibrary(int release, bool plainCalls)
        : base(ProbeTables.Releases[release].IsRtx ? Flavour.TensorRTRtx : Flavour.TensorRT, Version.Parse(ProbeTables.Releases[release].Release), ProbeTables.Releases[release].Release)
    {
        (bool isRtx, string name, VersionNumber) = ProbeTables.Releases[release];
        UseTables(Array.FindIndex(SlotTables.Releases, known => known.IsRtx == isRtx && known.Release == name), microsoft: OperatingSystem.IsWindows(), plainCalls);
    }

    public override IPluginRegistry PluginRegistry => throw NoFunctions();

    /// <summary>Nothing: what stands in front of some calls asks first, and makes calls of its own where the answer is yes.</summary>
    public override bool Supports(string member) => false;

    public override bool Supports<T>(T enumerator) => throw NoFunctions();

    public override IBuilder CreateInferBuilder(ILogger logger) => throw NoFunctions();

    public override IRuntime CreateInferRuntime(ILogger logger) => throw NoFunctions();

    public override IRefitter CreateInferRefitter(ICudaEngine engine, ILogger logger) => throw NoFunctions();

    public override IParser CreateParser(INetworkDefinition network, ILogger logger) => throw NoFunctions();

    public override IParserRefitter CreateParserRefitter(IRefitter refitter, ILogger logger) => throw NoFunctions();

    public override void InitLibNvInferPlugins(ILogger logger, string libNamespace = "") => throw NoFunctions();

    private static NotSupportedException NoFunctions() => new("The ABI probe has objects, but no exported functions of TensorRT.");
}
