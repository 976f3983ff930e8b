using System.Runtime.InteropServices;

namespace Trt.Interop.Loading;

/// <summary>Names and places of NVIDIA's libraries on each system. Nothing else knows them.</summary>
internal static class LibraryPlaces
{
    private static readonly int[] Majors = [11, 10, 8];

    /// <summary>Names of the main library, the most capable first.</summary>
    public static IReadOnlyList<(string File, Flavour Flavour)> MainNames { get; } =
    [
        .. Majors.SelectMany(major => Names("nvinfer", major)).Select(file => (file, Flavour.TensorRT)),
        .. Plain("nvinfer").Select(file => (file, Flavour.TensorRT)),
        .. Rtx("tensorrt_rtx").Select(file => (file, Flavour.TensorRTRtx)),
        .. Majors.SelectMany(major => Names("nvinfer_lean", major)).Concat(Plain("nvinfer_lean")).Select(file => (file, Flavour.LeanRuntime)),
        .. Majors.SelectMany(major => Names("nvinfer_dispatch", major)).Concat(Plain("nvinfer_dispatch")).Select(file => (file, Flavour.DispatchRuntime)),
    ];

    /// <summary>Names of a companion library for a release.</summary>
    public static IReadOnlyList<string> Companions(string stem, Flavour flavour, int major) => flavour == Flavour.TensorRTRtx
        ? [.. Rtx(stem == "nvonnxparser" ? "tensorrt_onnxparser_rtx" : stem + "_rtx")]
        : [.. stem == "nvinfer_plugin" && flavour != Flavour.TensorRT ? Names("nvinfer_vc_plugin", major) : [], .. Names(stem, major), .. Plain(stem)];

    /// <summary>Folders that are searched, in order.</summary>
    public static IReadOnlyList<string> Folders()
    {
        List<string> folders = [AppContext.BaseDirectory];
        string? home = Environment.GetEnvironmentVariable("TENSORRT_HOME") ?? Environment.GetEnvironmentVariable("TRT_ROOT");
        if (!string.IsNullOrEmpty(home))
        {
            folders.Add(home);
            folders.Add(Path.Combine(home, "lib"));
            folders.Add(Path.Combine(home, "bin"));
        }

        if (OperatingSystem.IsWindows())
        {
            folders.AddRange(Split("PATH"));
            string programs = Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles);
            string nvidia = Path.Combine(programs, "NVIDIA GPU Computing Toolkit");
            folders.AddRange(Below(Path.Combine(nvidia, "CUDA"), "*", "bin"));
            folders.AddRange(Below(programs, "TensorRT*", "lib"));
            folders.AddRange(Below(programs, "TensorRT*", "bin"));
        }
        else
        {
            folders.AddRange(Split("LD_LIBRARY_PATH"));
            string machine = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
            folders.AddRange(["/usr/lib/" + machine, "/usr/lib64", "/usr/local/lib", "/usr/local/tensorrt/lib", "/opt/tensorrt/lib", "/usr/local/cuda/lib64"]);
            folders.AddRange(Below("/usr/local", "TensorRT*", "lib"));
            folders.AddRange(Below("/opt", "TensorRT*", "lib"));
        }

        folders.AddRange(PythonFolders());
        return [.. folders.Where(Directory.Exists).Select(Path.GetFullPath).Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Names(string stem, int major) => OperatingSystem.IsWindows() ? [$"{stem}_{major}.dll"] : [$"lib{stem}.so.{major}"];

    private static IEnumerable<string> Plain(string stem) => OperatingSystem.IsWindows() ? [$"{stem}.dll"] : [$"lib{stem}.so"];

    private static IEnumerable<string> Rtx(string stem) => OperatingSystem.IsWindows() ? [$"{stem}_1_6.dll", $"{stem}_1_5.dll", $"{stem}_1_4.dll", $"{stem}_1_3.dll", $"{stem}.dll"] : [$"lib{stem}.so.1", $"lib{stem}.so"];

    private static string[] Split(string variable) =>
        (Environment.GetEnvironmentVariable(variable) ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static IEnumerable<string> Below(string folder, string pattern, string child)
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.GetDirectories(folder, pattern).OrderDescending(StringComparer.Ordinal).Select(found => Path.Combine(found, child))] : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The folders that pip's wheels unpack their libraries into.</summary>
    private static IEnumerable<string> PythonFolders()
    {
        string userBase = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        List<string> roots = [];
        foreach (string variable in new[] { "VIRTUAL_ENV", "CONDA_PREFIX" })
        {
            if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } prefix)
            {
                roots.Add(prefix);
            }
        }

        roots.AddRange(OperatingSystem.IsWindows() ? [Path.Combine(userBase, "AppData", "Roaming", "Python")] : [Path.Combine(userBase, ".local"), "/usr/local", "/usr"]);
        foreach (string root in roots)
        {
            string[] sites = OperatingSystem.IsWindows()
                ? [Path.Combine(root, "Lib", "site-packages"), .. Below(root, "Python*", "site-packages")]
                : [.. Below(Path.Combine(root, "lib"), "python3*", "site-packages"), .. Below(Path.Combine(root, "lib"), "python3*", "dist-packages")];
            foreach (string site in sites)
            {
                foreach (string package in new[] { "tensorrt_libs", "tensorrt_rtx_libs", "tensorrt_lean_libs", "tensorrt_dispatch_libs" })
                {
                    yield return Path.Combine(site, package);
                }
            }
        }
    }
}
