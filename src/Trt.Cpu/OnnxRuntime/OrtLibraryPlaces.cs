using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Loading;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>Where ONNX Runtime's native library is looked for.</summary>
/// <param name="chosen">A file or folder that the user named, or null.</param>
/// <param name="baseDirectory">Folder of the application.</param>
internal sealed class OrtLibraryPlaces(string? chosen, string baseDirectory)
{
    /// <summary>Name of the setting in runtimeconfig.json or AppContext that names the file or its folder.</summary>
    public const string Setting = "Trt.OnnxRuntime.Library";

    /// <summary>Environment variable of the same meaning; the setting wins.</summary>
    public const string Variable = "TRT_ONNXRUNTIME_LIBRARY";

    private const string Product = "ONNX Runtime's native library";

    /// <summary>The places of this process.</summary>
    public static OrtLibraryPlaces OfProcess() => new(
        AppContext.GetData(Setting) as string is { Length: > 0 } set ? set : Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable ? variable : null,
        AppContext.BaseDirectory);

    /// <summary>File names of this system, the unversioned one first.</summary>
    public static IReadOnlyList<string> Names { get; } =
        OperatingSystem.IsWindows() ? ["onnxruntime.dll"]
        : OperatingSystem.IsMacOS() ? ["libonnxruntime.dylib", "libonnxruntime.1.dylib", "libonnxruntime.1.*.dylib"]
        : ["libonnxruntime.so", "libonnxruntime.so.1", "libonnxruntime.so.1.*"];

    /// <summary>Folders searched, in order.</summary>
    public IReadOnlyList<string> Folders
    {
        get
        {
            if (chosen is not null)
            {
                return [Directory.Exists(chosen) ? chosen : Path.GetDirectoryName(Path.GetFullPath(chosen))!];
            }

            List<string> folders = [baseDirectory, .. RuntimeIdentifiers().Select(rid => Path.Combine(baseDirectory, "runtimes", rid, "native"))];
            if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string native)
            {
                folders.AddRange(native.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
            }

            for (DirectoryInfo? parent = new(baseDirectory); parent is not null; parent = parent.Parent)
            {
                folders.AddRange(RuntimeIdentifiers().Select(rid => Path.Combine(parent.FullName, ".cache", "onnxruntime", rid)).Where(Directory.Exists));
            }

            return [.. folders.Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).Distinct(StringComparer.Ordinal)];
        }
    }

    /// <summary>Existing files, in the order in which they are tried.</summary>
    public IEnumerable<string> Files() => chosen is not null && File.Exists(chosen) ? [Path.GetFullPath(chosen)] : Folders.Where(Directory.Exists).SelectMany(FilesIn);

    /// <summary>Loads the first library that can be loaded.</summary>
    /// <exception cref="TensorRtNotFoundException">There is none; the message lists names, folders and what to do.</exception>
    public NativeModule Load()
    {
        List<string> found = [];
        foreach (string path in Files().Concat(chosen is null ? Names.Where(name => !name.Contains('*', StringComparison.Ordinal)) : []))
        {
            if (NativeModule.TryLoad(path, out string reason) is { } module)
            {
                return module;
            }

            if (Path.IsPathRooted(path))
            {
                found.Add($"{path} ({reason})");
            }
        }

        throw NotFound(found);
    }

    /// <summary>The exception for a search that ended without a library that can be used.</summary>
    public TensorRtNotFoundException NotFound(IReadOnlyList<string> found) => new(
        Product,
        Names,
        chosen is null ? [.. Folders, "the system loader's folders"] : [.. Folders, $"no others, since {Setting} or {Variable} names {chosen}"],
        found,
        $"in an application, add the package Microsoft.ML.OnnxRuntime (1.{OrtEnvironment.OldestApi} or newer); in a clone of the repository, run ./build.sh build, which fetches the library into .cache; elsewhere, such as for the installed tool trt, take the library out of the NuGet package Microsoft.ML.OnnxRuntime (a zip archive, folder runtimes/{RuntimeIdentifiers().Last()}/native) or the npm package onnxruntime-node (folder bin/napi-v*/{NpmFolder()}), and set {Variable} to its file or folder.");

    /// <summary>Where a package onnxruntime-node has the library of this system.</summary>
    private static string NpmFolder()
    {
        string system = OperatingSystem.IsWindows() ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        return $"{system}/{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    private static IEnumerable<string> RuntimeIdentifiers()
    {
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        return new[] { RuntimeInformation.RuntimeIdentifier, $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}" }.Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<string> FilesIn(string folder) => Names
        .SelectMany(name => name.Contains('*', StringComparison.Ordinal)
            ? Directory.EnumerateFiles(folder, name).OrderByDescending(VersionOf)
            : Enumerable.Repeat(Path.Combine(folder, name), 1).Where(File.Exists));

    private static Version VersionOf(string path)
    {
        string digits = string.Concat(Path.GetFileName(path).SkipWhile(c => !char.IsDigit(c)).TakeWhile(c => char.IsDigit(c) || c == '.')).TrimEnd('.');
        return Version.TryParse(digits, out Version? version) ? version : new Version(0, 0);
    }
}
