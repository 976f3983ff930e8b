using System.Text.RegularExpressions;

namespace Trt.GpuTests;

/// <summary>Finds NVIDIA's libraries in the folders that the user named and in the usual sub-folders.</summary>
internal static partial class LibraryFolders
{
    /// <summary>Folders below a named one that tar files, packages and wheels put their libraries into.</summary>
    private static readonly string[] Below = ["lib", "lib64", "targets/x86_64-linux-gnu/lib", "tensorrt_libs", "tensorrt_lean_libs", "tensorrt_dispatch_libs", "tensorrt_rtx_libs", "tensorrt_rtx"];

    /// <summary>The releases that the CPU runtime is laid out as when it rehearses.</summary>
    private static readonly string[] Rehearsals = ["8.6.1", "10.16", "11.1"];

    /// <summary>The libraries, each file once, TensorRT itself before what accompanies it.</summary>
    /// <param name="named">Folders; <c>cpu</c> stands for the CPU runtime, laid out as three releases.</param>
    public static IReadOnlyList<FoundLibrary> Search(IEnumerable<string> named)
    {
        List<FoundLibrary> found = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string name in named)
        {
            if (name == "cpu")
            {
                found.AddRange(Rehearsals.Select(release => new FoundLibrary("cpu:" + release, LibraryKind.Rehearsal)));
                continue;
            }

            if (name.StartsWith("cpu:", StringComparison.Ordinal))
            {
                found.Add(new FoundLibrary(name, LibraryKind.Rehearsal));
                continue;
            }

            foreach (string folder in With(name))
            {
                // Of links to one file the shortest name with a major version is kept: libnvinfer.so.8 of libnvinfer.so, .so.8 and .so.8.6.0.
                foreach (string file in Directory.GetFiles(folder).Where(file => KindOf(file) is not null)
                             .OrderBy(file => Path.GetFileName(file).EndsWith(".so", StringComparison.Ordinal)).ThenBy(file => file.Length).ThenBy(file => file, StringComparer.Ordinal))
                {
                    if (seen.Add(RealPath(file)))
                    {
                        found.Add(new FoundLibrary(file, KindOf(file)!.Value));
                    }
                }
            }
        }

        return [.. found.OrderBy(library => !library.IsMain)];
    }

    /// <summary>A folder and those below it in which libraries are looked for.</summary>
    /// <exception cref="DirectoryNotFoundException">It is not there.</exception>
    public static IReadOnlyList<string> With(string folder)
    {
        string full = Path.GetFullPath(folder);
        return Directory.Exists(full)
            ? [full, .. Below.Select(below => Path.Combine(full, below)).Where(Directory.Exists)]
            : throw new DirectoryNotFoundException($"--library names {folder}, which is no folder.");
    }

    /// <summary>
    /// What a child's loader must search: TensorRT opens parts of itself by bare names, such as libnvinfer_builder_resource.so.8.6.0, and a wheel's
    /// TensorRT needs the CUDA libraries of the wheels beside it.
    /// </summary>
    /// <param name="named">The folders that the user named.</param>
    /// <param name="links">Folder for links, where a library is opened by a name that it was not given.</param>
    public static string SearchPath(IEnumerable<string> named, IReadOnlyList<FoundLibrary> found, string links)
    {
        foreach (FoundLibrary rtx in found.Where(library => library.Kind == LibraryKind.Rtx))
        {
            // The parser of TensorRT-RTX opens this name, which wheels lack, and ends the process where it is not there.
            string link = Path.Combine(links, "libtensorrt_rtx.so");
            if (!File.Exists(Path.Combine(Path.GetDirectoryName(rtx.Path)!, "libtensorrt_rtx.so")) && !File.Exists(link))
            {
                File.CreateSymbolicLink(link, rtx.Path);
            }
        }

        List<string> folders = [.. named.Where(name => !name.StartsWith("cpu", StringComparison.Ordinal)).SelectMany(With)];
        foreach (string wheel in folders.Where(folder => Path.GetFileName(folder).StartsWith("tensorrt_", StringComparison.Ordinal)).ToArray())
        {
            string beside = Path.Combine(Path.GetDirectoryName(wheel)!, "nvidia");
            folders.AddRange(Directory.Exists(beside) ? Directory.GetDirectories(beside).Select(package => Path.Combine(package, "lib")).Where(Directory.Exists) : []);
        }

        folders.Add(links);
        folders.AddRange((Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries));
        return string.Join(':', folders.Distinct(StringComparer.Ordinal));
    }

    private static LibraryKind? KindOf(string file) => LibraryName().Match(Path.GetFileName(file)) is not { Success: true } match ? null : match.Groups[1].Value switch
    {
        "nvinfer" => LibraryKind.Full,
        "nvinfer_lean" => LibraryKind.Lean,
        "nvinfer_dispatch" => LibraryKind.Dispatch,
        "tensorrt_rtx" => LibraryKind.Rtx,
        "nvonnxparser" or "tensorrt_onnxparser_rtx" => LibraryKind.OnnxParser,
        "nvparsers" or "nvcaffeparser" => LibraryKind.CaffeParser,
        "nvinfer_plugin" or "nvinfer_vc_plugin" => LibraryKind.Plugin,
        _ => null,
    };

    private static string RealPath(string file) => new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file;

    [GeneratedRegex(@"^lib([a-z_]+)\.so(\.\d+)*$")]
    private static partial Regex LibraryName();
}
