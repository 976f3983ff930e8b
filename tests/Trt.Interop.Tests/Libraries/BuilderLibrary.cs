namespace Trt.Interop.Tests.Libraries;

/// <summary>A library that builds: TensorRT-RTX, whose builder needs no GPU, or what a program runs the tests against.</summary>
internal static class BuilderLibrary
{
    /// <summary>The library; the test is skipped where there is none.</summary>
    public static TensorRtLibrary Load() => TestTarget.Library ?? RtxLibrary.Load();

    /// <summary>Flags of a strongly typed network, or of releases without them of the only kind they have.</summary>
    public static Mask<NetworkDefinitionCreationFlag> Flags(TensorRtLibrary library) =>
        library.Supports(NetworkDefinitionCreationFlag.StronglyTyped) ? [NetworkDefinitionCreationFlag.StronglyTyped] : TestTarget.NetworkFlags(library);

    /// <summary>The settings without which a library cannot build here.</summary>
    public static void Target(TensorRtLibrary library, IBuilderConfig config)
    {
        if (library.Flavour == Flavour.TensorRTRtx)
        {
            RtxLibrary.Target(config);
        }
    }
}
