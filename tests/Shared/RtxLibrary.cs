using Trt.Interop;
using Xunit;

namespace Trt.Tests;

/// <summary>TensorRT-RTX where TRT_RTX_LIBRARY_DIR names it; its builder and parser need no GPU.</summary>
/// <remarks>
/// Loaded through a folder of links: the parser opens <c>libtensorrt_rtx.so</c>, a name that NVIDIA's wheel lacks, from its own folder when it adds a plugin.
/// </remarks>
internal static class RtxLibrary
{
    private const string Variable = "TRT_RTX_LIBRARY_DIR";
    private static readonly Lazy<string?> Links = new(MakeLinks);

    /// <summary>Folder with the library, its parser, and the link that the parser wants.</summary>
    public static string Folder
    {
        get
        {
            Skip.If(Links.Value is null, $"TensorRT-RTX is not here: set {Variable} to the folder of libtensorrt_rtx.so.1 and libtensorrt_onnxparser_rtx.so.1.");
            return Links.Value!;
        }
    }

    /// <summary>The library; the test is skipped where it is not.</summary>
    public static TensorRtLibrary Load() => TensorRt.Load(Folder);

    /// <summary>The library, or null where it is not.</summary>
    public static TensorRtLibrary? TryLoad() => Links.Value is { } folder ? TensorRt.Load(folder) : null;

    /// <summary>The library, which must be the release that the goldens were made with.</summary>
    public static TensorRtLibrary LoadGoldenRelease()
    {
        TensorRtLibrary library = Load();
        Skip.If(library.Version is not { Major: 1, Minor: 6 }, $"The goldens are TensorRT-RTX 1.6's, but {library} is here.");
        return library;
    }

    /// <summary>The settings without which a machine without a GPU cannot build.</summary>
    public static void Target(IBuilderConfig config)
    {
        config.NbComputeCapabilities = 1;
        config.SetComputeCapability(ComputeCapability.SM86, 0);
    }

    private static string? MakeLinks()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder || !File.Exists(Path.Combine(folder, "libtensorrt_rtx.so.1")))
        {
            return null;
        }

        string links = Directory.CreateTempSubdirectory("trt-rtx-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(links, recursive: true);
        Link("libtensorrt_rtx.so.1", "libtensorrt_rtx.so.1");
        Link("libtensorrt_rtx.so", "libtensorrt_rtx.so.1");
        Link("libtensorrt_onnxparser_rtx.so.1", "libtensorrt_onnxparser_rtx.so.1");
        return links;

        void Link(string name, string file) => File.CreateSymbolicLink(Path.Combine(links, name), Path.GetFullPath(Path.Combine(folder, file)));
    }
}
