using System.Runtime.InteropServices;

namespace Trt.Utils;

/// <summary>Finds NVIDIA's JPEG library: the system's loader first, then a CUDA toolkit, then what pip installed.</summary>
internal static class NvJpegLibrary
{
    private static readonly Lazy<(NvJpegFunctions? Functions, string Text)> Loaded = new(Load);

    /// <summary>Its functions, or null.</summary>
    /// <param name="text">The file, or why there is none and what to do.</param>
    public static NvJpegFunctions? TryGet(out string text)
    {
        (NvJpegFunctions? functions, text) = Loaded.Value;
        return functions;
    }

    private static (NvJpegFunctions? Functions, string Text) Load()
    {
        string[] names = OperatingSystem.IsWindows() ? ["nvjpeg64_13.dll", "nvjpeg64_12.dll", "nvjpeg64_11.dll"] : ["libnvjpeg.so.13", "libnvjpeg.so.12", "libnvjpeg.so.11"];
        foreach (string name in names)
        {
            foreach (string path in (string[])[name, .. Folders().Select(folder => Path.Combine(folder, name)).Where(File.Exists)])
            {
                if (NativeLibrary.TryLoad(path, out nint library))
                {
                    try
                    {
                        return (new NvJpegFunctions(function => NativeLibrary.TryGetExport(library, function, out nint address) ? address : 0), path);
                    }
                    catch (NotSupportedException wrong)
                    {
                        return (null, $"{path}: {wrong.Message}");
                    }
                }
            }
        }

        return (null, $"Decoding JPEG files on the GPU needs {string.Join(" or ", names)}, part of NVIDIA's CUDA toolkit, which is not on this machine. "
            + "Install the toolkit's nvJPEG (apt-get install libnvjpeg-13-0, or pip install nvidia-nvjpeg), or set CUDA_PATH to a toolkit's folder; without it the CPU decodes.");
    }

    private static IEnumerable<string> Folders()
    {
        yield return AppContext.BaseDirectory;
        foreach (string? toolkit in (string?[])[Environment.GetEnvironmentVariable("CUDA_PATH"), Environment.GetEnvironmentVariable("CUDA_HOME"), "/usr/local/cuda"])
        {
            if (!string.IsNullOrEmpty(toolkit))
            {
                yield return Path.Combine(toolkit, "lib64");
                yield return Path.Combine(toolkit, "bin");
                yield return Path.Combine(toolkit, "bin", "x64");
                yield return Path.Combine(toolkit, "targets", "x86_64-linux", "lib");
            }
        }

        string[] roots =
        [
            .. ((string?[])[Environment.GetEnvironmentVariable("VIRTUAL_ENV"), Environment.GetEnvironmentVariable("CONDA_PREFIX")]).OfType<string>(),
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local"), "/usr/local", "/usr", "/opt/conda",
        ];
        foreach (string packages in roots.SelectMany(Packages))
        {
            foreach (string folder in Below(Path.Combine(packages, "nvidia"), "*"))
            {
                yield return Path.Combine(folder, OperatingSystem.IsWindows() ? "bin" : "lib");
            }
        }
    }

    private static IEnumerable<string> Packages(string root) =>
        [Path.Combine(root, "Lib", "site-packages"), .. Below(Path.Combine(root, "lib"), "python3*").SelectMany(folder => (string[])[Path.Combine(folder, "site-packages"), Path.Combine(folder, "dist-packages")])];

    private static IEnumerable<string> Below(string folder, string pattern)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.GetDirectories(folder, pattern) : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
